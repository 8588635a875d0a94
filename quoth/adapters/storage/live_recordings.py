"""Recordings of live sessions: WAV files that grow, each in a folder with what is to become of it.

A folder is locked as long as its process works in it, however that ends: what was left behind can
be told from what still grows, and is made whole.
"""

import errno
import fcntl
import io
import json
import logging
import os
import shutil
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from quoth.adapters.storage.whole_files import put_beside, writing
from quoth.domain.errors import OutOfDisk
from quoth.domain.jobs import options_of
from quoth.ports.live import KeptRecording, RecordingNote

CHECK_EVERY_BYTES = 1 << 20
SAMPLE_BYTES = 2
MAKING_SECONDS = 60.0
"""How long a folder may be without what belongs in it: it is being made."""
_SOUND, _NOTE, _LOCK = "live.wav", "session.json", ".in-use"
_MAKING = ".making-"
_HEADER = 44
"""Bytes before the samples, as `wave` writes them; two lengths in it count what follows them."""
_LENGTHS = ((4, 8), (40, _HEADER))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder of a recording, locked by this process."""

    path: Path
    lock: IO[bytes]

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.lock.close()


class WaveRecording:
    """A `KeptRecording`: 16 bits, mono."""

    def __init__(self, folder: _Folder) -> None:
        self._folder = folder

    @property
    def id(self) -> str:
        """Its name; see the port."""
        return self._folder.path.name

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._folder.path / _SOUND

    def lend(self, target: Path) -> None:
        """Give the file another name as well; on another disk it is copied."""
        put_beside(self.path, target)

    def remove(self) -> None:
        """Forget it."""
        self._folder.remove()

    def leave(self) -> None:
        """Leave it where it is."""
        self._folder.lock.close()


class GrowingRecording(WaveRecording):
    """A `LiveRecording`.

    Args:
        folder: where it lies.
        rate: samples per second.
        check_space: raises `OutOfDisk` when there is no room for so many bytes.
    """

    def __init__(self, folder: _Folder, rate: int, check_space: Callable[[int], None]) -> None:
        super().__init__(folder)
        self._check_space = check_space
        self._until_check = 0
        self._file = self.path.open("wb")
        self._file.write(_header(rate))

    def write(self, pcm: bytes) -> None:
        """Put samples at its end; see the port."""
        self._until_check -= len(pcm)
        if self._until_check <= 0:
            self._check_space(len(pcm) + CHECK_EVERY_BYTES)
            self._until_check = CHECK_EVERY_BYTES
        with _full_disk_told(self.path):
            self._file.write(pcm)
            self._file.flush()

    def note(self, note: RecordingNote) -> None:
        """Write down what is to become of it now."""
        _write_note(self._folder.path, note)

    def finish(self) -> None:
        """Make it whole."""
        with _full_disk_told(self.path):
            self._file.close()
        _make_whole(self.path)

    def remove(self) -> None:
        """Forget it."""
        self._file.close()
        super().remove()

    def leave(self) -> None:
        """Leave it where it is."""
        self._file.close()
        super().leave()


@dataclass(frozen=True, slots=True)
class FolderLiveRecordings:
    """`LiveRecordings` in folders of one folder.

    Args:
        root: that folder.
        check_space: raises `OutOfDisk` when there is no room for so many bytes.
    """

    root: Path
    check_space: Callable[[int], None] = lambda _: None

    def begin(self, rate: int, note: RecordingNote) -> GrowingRecording:
        """Begin one; see the port."""
        name = uuid4().hex
        making = self.root / f"{_MAKING}{name}"
        with _full_disk_told(self.root):
            making.mkdir(mode=0o700, parents=True)
            lock = (making / _LOCK).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
            _write_note(making, note)
            making.rename(self.root / name)  # nobody takes it for one before it is locked
            return GrowingRecording(_Folder(self.root / name, lock), rate, self.check_space)

    def left(self) -> Iterator[tuple[KeptRecording, RecordingNote]]:
        """Give those of processes that are no more; see the port."""
        for path in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            folder = None if _is_being_made(path) else _locked(path)
            if folder is None:
                continue
            recording = WaveRecording(folder)
            try:
                if path.name.startswith(_MAKING) or not _make_whole(recording.path):
                    recording.remove()
                elif (note := _read_note(path)) is not None:
                    yield recording, note
            finally:
                recording.leave()


def _is_being_made(path: Path) -> bool:
    with suppress(FileNotFoundError):
        is_young = time.time() - path.stat().st_mtime < MAKING_SECONDS
        return is_young and path.name.startswith(_MAKING)
    return False


def _locked(path: Path) -> _Folder | None:
    """Lock a folder; None where another process has, or where it is gone."""
    try:
        lock = (path / _LOCK).open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return _Folder(path, lock)


def _header(rate: int) -> bytes:
    """Return what a WAV begins with, its lengths to be written when they are known."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(rate)
        file.writeframes(b"")
    return content.getvalue()


def _make_whole(path: Path) -> bool:
    """Write into a WAV how long it is; return whether it holds any sound."""
    try:
        with path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size < _HEADER + SAMPLE_BYTES:
                return False
            size = file.truncate(size - (size - _HEADER) % SAMPLE_BYTES)
            for place, before in _LENGTHS:
                file.seek(place)
                file.write((size - before).to_bytes(4, "little"))
    except FileNotFoundError:
        return False
    return True


def _write_note(folder: Path, note: RecordingNote) -> None:
    with writing(folder / _NOTE) as file:
        file.write(json.dumps(asdict(note)).encode())


def _read_note(folder: Path) -> RecordingNote | None:
    try:
        found = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        return RecordingNote(found["owner"], found["name"], options_of(found["options"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.warning("%s cannot be read (%s): it stays where it is", folder / _NOTE, error)
        return None


@contextmanager
def _full_disk_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise OutOfDisk(str(path.parent)) from error
        raise
