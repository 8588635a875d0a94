"""Writing a backup of a data folder that may be at work meanwhile."""

import glob
import hashlib
import io
import os
import sqlite3
import tarfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from quoth.adapters.storage import data_folder
from quoth.adapters.storage.backup_format import (
    DATA,
    MANIFEST,
    ORIGIN,
    render_manifest,
    render_origin,
)
from quoth.adapters.storage.leftovers import remove_parts
from quoth.adapters.storage.replacing import is_interrupted
from quoth.adapters.storage.sqlite_copies import copy_database
from quoth.adapters.storage.whole_files import part_of
from quoth.adapters.storage.workspaces import Workspaces
from quoth.domain.backup_errors import BackupFailed
from quoth.domain.backups import BytesDone, FileRecord, Manifest, Origin, untold
from quoth.domain.errors import OutOfDisk

ABANDONED_SECONDS = 86_400.0
"""How old the beginning of a backup is whose process was killed."""


@dataclass(frozen=True, slots=True)
class BackupWriter:
    """Writes backups.

    Args:
        data: the data folder.
        origin: what they say of themselves.
        with_models: whether weights go along, which can be fetched again.
    """

    data: Path
    origin: Origin
    with_models: bool = False

    def write(self, target: Path, progress: BytesDone = untold) -> Manifest:
        """Write a backup; the file is there whole, on disk to stay, or as it was before.

        The databases come first and the folders of jobs after them, so that a row never tells of
        files that were not there yet. A file is copied as long as it was when it was opened: it
        is one of those that are only replaced whole, or a log that only grows.

        Raises:
            BackupFailed: if something cannot be read or written.
        """
        if not self.data.is_dir():
            raise BackupFailed(f"{self.data} is not there")
        if is_interrupted(self.data):
            raise BackupFailed(
                "restoring another one was interrupted. Start `quoth serve`, which undoes that, or "
                "restore it again"
            )
        try:
            yesterday = time.time() - ABANDONED_SECONDS
            remove_parts(target.parent, f"{glob.escape(target.name)}.*", yesterday)
            with part_of(target) as part, _private(part) as file:
                manifest = self._write(file, progress)
        except OutOfDisk as error:
            raise BackupFailed(f"no space is left in {target.parent} or {self.data}") from error
        except (OSError, sqlite3.Error) as error:
            raise BackupFailed(str(error)) from error
        return manifest

    def _write(self, file: IO[bytes], progress: BytesDone) -> Manifest:
        with (
            Workspaces(self.data / "work").make() as workspace,
            tarfile.open(fileobj=file, mode="w|", bufsize=1 << 20) as archive,
        ):
            names = data_folder.databases(self.data) if self.origin.has_database else []
            copies = [copy_database(self.data / name, workspace / name) for name in names]
            total = sum(copy.stat().st_size for copy in copies) + self._size()
            members = _Members(archive, total, progress)
            members.add_bytes(ORIGIN, render_origin(self.origin))
            for copy in copies:
                members.add(copy.name, copy)
                copy.unlink()
            for path in data_folder.files(self.data, with_models=self.with_models):
                members.add(path, self.data / path)
            manifest = Manifest(self.origin, members.files)
            members.add_bytes(MANIFEST, render_manifest(manifest))
        return manifest

    def _size(self) -> int:
        sizes = 0
        for path in data_folder.files(self.data, with_models=self.with_models):
            try:
                sizes += (self.data / path).stat().st_size
            except FileNotFoundError:
                continue
        return sizes


@dataclass(slots=True)
class _Members:
    """The files of an archive that is being written."""

    archive: tarfile.TarFile
    total: int
    progress: BytesDone
    done: int = 0
    files: dict[str, FileRecord] = field(default_factory=dict)

    def add(self, path: str, source: Path) -> None:
        """Add a file, unless it is gone: its job was deleted this moment."""
        try:
            file = source.open("rb")
        except FileNotFoundError:
            return
        with file:
            stat = os.fstat(file.fileno())
            reader = _HashedReader(file, self._advance)
            member = tarfile.TarInfo(DATA + path)
            member.size, member.mtime, member.mode = stat.st_size, stat.st_mtime, stat.st_mode
            self._add(member, reader)
        self.files[path] = FileRecord(member.size, reader.sha256.hexdigest())

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a member about the backup itself."""
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = len(content), 0, 0o600
        self._add(member, io.BytesIO(content))

    def _add(self, member: tarfile.TarInfo, content: Any) -> None:
        self.archive.addfile(member, content)
        vars(self.archive)["members"].clear()  # they would be kept for nobody

    def _advance(self, count: int) -> None:
        self.done += count
        self.progress(self.done, max(self.done, self.total))


@dataclass(slots=True)
class _HashedReader:
    """Reads a file and takes the hash of what was read."""

    file: IO[bytes]
    advance: Any
    sha256: Any = field(default_factory=hashlib.sha256)

    def read(self, count: int) -> bytes:
        """Read as much; tarfile asks for no more than the member's size."""
        block = self.file.read(count)
        self.sha256.update(block)
        self.advance(len(block))
        return block


def _private(path: Path) -> IO[bytes]:
    """Open a new file that nobody else on this machine can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
