"""Reading a backup, and believing nothing in it before it is proved."""

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar

from quoth.adapters.storage.backup_format import (
    BLOCK_BYTES,
    DATA,
    FORMAT,
    MANIFEST,
    ORIGIN,
    parse_manifest,
    parse_origin,
)
from quoth.adapters.storage.data_folder import is_data
from quoth.domain.backup_errors import NewerBackup, UnusableBackup
from quoth.domain.backups import BytesDone, FileRecord, Manifest, Origin, untold

_Told = TypeVar("_Told")
"""What a member says of the backup."""

MOST_ORIGIN_BYTES = 1 << 16
MOST_MANIFEST_BYTES = 1 << 28
"""Of a million files or so."""


def read_backup(
    source: Path,
    into: Path | None = None,
    progress: BytesDone = untold,
    accept: Callable[[Origin], None] = lambda _: None,
) -> Manifest:
    """Read a backup to its end and compare everything with what it says of itself.

    Args:
        source: the backup.
        into: an empty folder for its files; None only reads them.
        progress: told of the bytes.
        accept: called with where it comes from, before anything else is read; may raise.

    Raises:
        UnusableBackup: if it is damaged, or is none. Some files may have been written then.
        NewerBackup: if this version does not know how to read it.
    """
    with _open(source, progress) as archive:
        reader = _Reader(source.name, archive, into)
        origin = reader.origin()
        accept(origin)
        found, content = reader.files()
        manifest = reader.parsed(parse_manifest, content)
        if manifest.origin != origin:
            raise UnusableBackup(source.name, "its end does not belong to its beginning")
        _compare(source.name, manifest.files, found)
    return manifest


@contextmanager
def _open(source: Path, progress: BytesDone) -> Iterator[tarfile.TarFile]:
    try:
        file = source.open("rb")
    except OSError as error:
        raise UnusableBackup(source.name, error.strerror or str(error)) from error
    try:
        with file:
            watched: Any = _Watched(file, progress)
            with tarfile.open(fileobj=watched, mode="r|", bufsize=BLOCK_BYTES) as archive:
                yield archive
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise UnusableBackup(source.name, f"it is no whole tar: {error}") from error


class _Watched:
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], progress: BytesDone) -> None:
        self._file = file
        self._progress = progress
        self._total = os.fstat(file.fileno()).st_size
        self._done = 0

    def read(self, count: int = -1) -> bytes:
        """Read."""
        block = self._file.read(count)
        self._done += len(block)
        self._progress(self._done, self._total)
        return block


class _Reader:
    """Takes the members of an archive in their order."""

    def __init__(self, name: str, archive: tarfile.TarFile, into: Path | None) -> None:
        self._name = name
        self._archive = archive
        self._into = into

    def origin(self) -> Origin:
        """Return what the first member says."""
        member = self._archive.next()
        if member is None or member.name != ORIGIN:
            raise UnusableBackup(self._name, "it was not made by `quoth backup`")
        origin = self.parsed(parse_origin, self._small(member, MOST_ORIGIN_BYTES))
        if origin.format > FORMAT:
            raise NewerBackup(self._name, origin.version)
        return origin

    def files(self) -> tuple[Mapping[str, FileRecord], bytes]:
        """Take all files; return what they are, and the content of the last member."""
        found: dict[str, FileRecord] = {}
        while (member := self._archive.next()) is not None:
            if member.name == MANIFEST:
                content = self._small(member, MOST_MANIFEST_BYTES)
                if self._archive.next() is not None:
                    raise UnusableBackup(self._name, "something follows its end")
                return found, content
            path = self._path(member)
            if path in found:
                raise UnusableBackup(self._name, f"{path!r} is in it twice")
            found[path] = self._take(member, path)
            vars(self._archive)["members"].clear()  # they would be kept for nobody
        raise UnusableBackup(self._name, "its end is missing")

    def parsed(self, parse: Callable[[bytes], _Told], content: bytes) -> _Told:
        """Return what a member says of the backup."""
        try:
            return parse(content)
        except (ValueError, RecursionError) as error:
            raise UnusableBackup(self._name, f"what it says of itself is damaged: {error}") from (
                error
            )

    def _small(self, member: tarfile.TarInfo, most_bytes: int) -> bytes:
        content = self._archive.extractfile(member) if _is_plain(member) else None
        if content is None or member.size > most_bytes:
            raise UnusableBackup(self._name, f"its {member.name} is none")
        return content.read()

    def _path(self, member: tarfile.TarInfo) -> str:
        """Return the path of a file in the data folder, if it is one that a backup can have."""
        path = member.name.removeprefix(DATA)
        parts = path.split("/")
        is_fine = (
            member.name.startswith(DATA)
            and _is_plain(member)
            and PurePosixPath(path).as_posix() == path
            and not {"", ".", ".."} & set(parts)
            and "\0" not in path
            and is_data(parts[0], with_models=True)
        )
        if not is_fine:
            raise UnusableBackup(self._name, f"{member.name[:200]!r} does not belong in it")
        return path

    def _take(self, member: tarfile.TarInfo, path: str) -> FileRecord:
        content = self._archive.extractfile(member)
        assert content is not None  # noqa: S101 - it is a plain file
        if self._into is None:
            return FileRecord(member.size, _copy(content, None))
        safe = tarfile.data_filter(member.replace(name=path, deep=False), str(self._into))
        target = self._into / safe.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            sha256 = _copy(content, file)
        target.chmod(safe.mode or 0o600)
        os.utime(target, (member.mtime, member.mtime))
        return FileRecord(member.size, sha256)


def _is_plain(member: tarfile.TarInfo) -> bool:
    return member.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and not member.issparse()


def _copy(content: IO[bytes], file: IO[bytes] | None) -> str:
    sha256 = hashlib.sha256()
    while block := content.read(BLOCK_BYTES):
        sha256.update(block)
        if file is not None:
            file.write(block)
    return sha256.hexdigest()


def _compare(name: str, told: Mapping[str, FileRecord], found: Mapping[str, FileRecord]) -> None:
    """Compare what a backup says it holds with what it does."""
    for path in sorted(told.keys() | found.keys()):
        if path not in found:
            raise UnusableBackup(name, f"{path!r} is missing")
        if path not in told:
            raise UnusableBackup(name, f"{path!r} does not belong in it")
        if told[path] != found[path]:
            raise UnusableBackup(name, f"{path!r} is damaged")
