"""Recordings of live sessions: WAV files that grow, within the space that is free."""

import errno
import shutil
import wave
from collections.abc import Callable
from pathlib import Path

from quoth.domain.errors import OutOfDisk

CHECK_EVERY_BYTES = 1 << 20


class WaveRecording:
    """A `LiveRecording` in 16 bits, mono.

    Args:
        folder: where it lies.
        rate: samples per second.
        check_space: raises `OutOfDisk` when there is no room for so many bytes.
    """

    def __init__(self, folder: Path, rate: int, check_space: Callable[[int], None]) -> None:
        self._path = folder / "live.wav"
        self._check_space = check_space
        self._until_check = 0
        self._file = wave.open(str(self._path), "wb")  # noqa: SIM115 - closed by `finish`
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(rate)

    def write(self, pcm: bytes) -> None:
        """Put samples at its end; see the port."""
        self._until_check -= len(pcm)
        if self._until_check <= 0:
            self._check_space(len(pcm) + CHECK_EVERY_BYTES)
            self._until_check = CHECK_EVERY_BYTES
        try:
            self._file.writeframesraw(pcm)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise OutOfDisk(str(self._path.parent)) from error
            raise

    def finish(self) -> Path:
        """Return the file, whole."""
        self._file.close()  # which writes its length into it
        return self._path

    def lend(self, target: Path) -> None:
        """Give the file another name as well; on another disk it is copied."""
        try:
            target.hardlink_to(self._path)
        except OSError:
            shutil.copyfile(self._path, target)
