"""Edit logs as files beside the transcripts: one line of JSON for each entry.

A line is on the disk before the next is begun, so a power cut can only tear the last. Who had it
torn was never told that it was kept: it is passed over, and cut off before the next is written.
"""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from quoth.adapters.storage.edit_entries import line_of
from quoth.adapters.storage.edit_lines import NAME, entries_of, version_of, whole_lines
from quoth.adapters.storage.whole_files import settle
from quoth.domain.edit_errors import StaleVersion, TranscriptGone
from quoth.domain.edits import Entry
from quoth.domain.errors import OutOfDisk
from quoth.ports.edit_log import KeptLog


@dataclass(frozen=True, slots=True)
class FileEditLogs:
    """`EditLogs` in the folders of jobs, which have the jobs' names and are made by others."""

    folder: Path

    def read(self, job: str) -> KeptLog:
        """Return the log of a job; what another process is just writing is not in it."""
        path = self._path(job)
        try:
            whole = whole_lines(path.read_bytes())
        except FileNotFoundError:
            whole = []
        return KeptLog(tuple(entries_of(str(path), whole)), version_of(whole))

    def append(self, job: str, entries: Sequence[Entry], version: str) -> str:
        """Add entries to a log that is still at this version, line by line."""
        path = self._path(job)
        with _locked(path) as file:
            whole = whole_lines(file.read())
            list(entries_of(str(path), whole))  # nothing is added to what cannot be read
            if version != version_of(whole):
                raise StaleVersion
            kept_bytes = sum(map(len, whole))
            lines = [line_of(entry) for entry in entries]
            try:
                _cut(file, kept_bytes)
                for line in lines:
                    _write(file, line)
            except OSError as error:
                _cut(file, kept_bytes)
                if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    raise OutOfDisk(str(path.parent)) from error
                raise
            return version_of([*whole, *lines])

    def _path(self, job: str) -> Path:
        if job in {"", ".", ".."} or Path(job).name != job or "\0" in job:
            raise ValueError(f"not the name of a folder: {job!r}")
        return self.folder / job / NAME


@contextmanager
def _locked(path: Path) -> Iterator[FileIO]:
    """Open a log for this process alone, at its start; a new one is named on the disk at once."""
    try:
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    except FileNotFoundError as error:
        raise TranscriptGone from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _check_in_place(file, path)
        if not os.fstat(file.fileno()).st_size:
            settle(path.parent)
        yield file


def _check_in_place(file: FileIO, path: Path) -> None:
    """Refuse a file that was deleted, or replaced by a backup, while it was waited for."""
    try:
        there = path.stat()
    except FileNotFoundError as error:
        raise TranscriptGone from error
    if not os.path.samestat(there, os.fstat(file.fileno())):
        raise StaleVersion


def _cut(file: FileIO, length_bytes: int) -> None:
    """Let a file end there, and write on from there."""
    file.truncate(length_bytes)
    file.seek(length_bytes)


def _write(file: FileIO, line: bytes) -> None:
    """Write a line and wait until it is on the disk."""
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(file.fileno(), rest) :]
    os.fsync(file.fileno())
