"""Folders for work in progress: gone when the work ends, and at the next start if it was killed."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from quoth.domain.errors import OutOfDisk

PREFIX = "work-"


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Makes folders for work in progress inside one folder.

    Their names carry the process that made them, so that what a killed process left behind can
    be told from what another one still works on.
    """

    folder: Path

    @contextmanager
    def make(self) -> Iterator[Path]:
        """Give an empty folder and remove it with everything in it afterwards.

        Raises:
            OutOfDisk: if the disk fills up inside.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(
                prefix=f"{PREFIX}{os.getpid()}-", dir=self.folder, ignore_cleanup_errors=True
            ) as name:
                yield Path(name)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise OutOfDisk(str(self.folder)) from error
            raise

    def sweep(self) -> None:
        """Remove what processes that are no more have left behind."""
        for left in self.folder.glob(f"{PREFIX}*"):
            owner = left.name.removeprefix(PREFIX).partition("-")[0]
            if owner.isdigit() and not psutil.pid_exists(int(owner)):
                shutil.rmtree(left, ignore_errors=True)
