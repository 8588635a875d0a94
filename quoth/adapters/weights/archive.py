"""The wanted files out of a .tar.bz2, streamed, and nothing else."""

import hashlib
import tarfile
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath

from quoth.domain.model_errors import CorruptDownload
from quoth.domain.model_locks import LockedFile

BLOCK_BYTES = 1 << 20


def unpack(
    archive: Path,
    wanted: Collection[str],
    folder: Path,
    most_bytes: int,
    unpacked: Callable[[int], None],
) -> tuple[LockedFile, ...]:
    """Write the wanted files of an archive directly into a folder, whatever folder they are in.

    Only plain files whose names are wanted are written, each once; no name of the archive becomes
    a path. In whole they may have `most_bytes`.

    Args:
        archive: a .tar.bz2 that was verified already.
        wanted: names of files; all have to be there.
        folder: where they go.
        most_bytes: the most all of them may have.
        unpacked: called with the bytes written.

    Raises:
        CorruptDownload: if it is no such archive, lacks a file or would write too much.
    """
    files: dict[str, LockedFile] = {}
    done = 0
    try:
        with tarfile.open(archive, "r|bz2") as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                if not member.isfile() or name not in wanted or name in files:
                    continue
                if done + member.size > most_bytes:
                    raise CorruptDownload(archive.name, "it unpacks to more than it should")
                safe = tarfile.data_filter(member.replace(name=name, deep=False), str(folder))
                files[name] = _write(tar, member, folder / safe.name, done, unpacked)
                done += member.size
    except (tarfile.TarError, EOFError) as error:
        raise CorruptDownload(archive.name, f"it cannot be unpacked: {error}") from error
    if missing := set(wanted) - set(files):
        raise CorruptDownload(archive.name, f"it lacks {', '.join(sorted(missing))}")
    return tuple(files[name] for name in sorted(files))


def _write(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    target: Path,
    before: int,
    unpacked: Callable[[int], None],
) -> LockedFile:
    content = tar.extractfile(member)
    if content is None:
        raise CorruptDownload(target.name, "it is no plain file")
    sha256 = hashlib.sha256()
    done = 0
    with target.open("wb") as file:
        while block := content.read(BLOCK_BYTES):
            file.write(block)
            sha256.update(block)
            done += len(block)
            unpacked(before + done)
    return LockedFile(target.name, done, sha256.hexdigest())
