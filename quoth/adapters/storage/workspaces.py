"""Folders for work in progress: gone when the work ends, and at the next start if it was killed."""

import errno
import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from quoth.domain.errors import OutOfDisk, UnusableFolder

PREFIX = "work-"
LOCK = ".in-use"
MAKING_SECONDS = 60.0
"""How long a folder may be without its lock file: it is being made."""


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Makes folders for work in progress inside one folder.

    Each holds a file that is locked as long as its process works there. The system lets go of the
    lock when the process ends, however it ends, so what was left behind can be told from what
    another process still works on, and process ids, which containers reuse, play no part.
    """

    folder: Path

    @contextmanager
    def make(self) -> Iterator[Path]:
        """Give an empty folder and remove it with everything in it afterwards.

        Raises:
            UnusableFolder: if it cannot be made.
            OutOfDisk: if the disk fills up inside.
        """
        made = self._empty_folder()
        try:
            with (made / LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield made
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise OutOfDisk(str(self.folder)) from error
            raise
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _new_folder(self) -> Path:
        made = self.folder / f"{PREFIX}{uuid4().hex}"
        made.mkdir(mode=0o700)
        return made

    def sweep(self) -> None:
        """Remove what processes that are no more have left behind."""
        for left in self.folder.glob(f"{PREFIX}*"):
            if _is_abandoned(left):
                shutil.rmtree(left, ignore_errors=True)

    def _empty_folder(self) -> Path:
        try:
            try:
                return self._new_folder()
            except FileNotFoundError:
                self.folder.mkdir(parents=True, exist_ok=True)
                return self._new_folder()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise OutOfDisk(str(self.folder)) from error
            raise UnusableFolder(str(self.folder), error.strerror or str(error)) from error


def _is_abandoned(folder: Path) -> bool:
    try:
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        with suppress(FileNotFoundError):
            return time.time() - folder.stat().st_mtime > MAKING_SECONDS
        return False
    except OSError:
        return False
    return True
