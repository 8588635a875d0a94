"""Space that is to stay free on a disk."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quoth.domain.errors import LowOnDisk


def free_bytes(folder: Path) -> int:
    """Return what an ordinary user may still write to the disk of a folder."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Keeps the disk of a folder from filling up.

    Args:
        folder: any folder on that disk.
        kept_bytes: what has to stay free.
        free: tells what is free.
    """

    folder: Path
    kept_bytes: int
    free: Callable[[Path], int] = free_bytes

    def require(self, needed_bytes: int, promised_bytes: int = 0) -> None:
        """Check that something fits beside what was promised to others.

        Raises:
            LowOnDisk: if it does not.
        """
        free = self.free(self.folder) - promised_bytes
        if free - needed_bytes < self.kept_bytes:
            raise LowOnDisk(str(self.folder), needed_bytes, max(0, free), self.kept_bytes)
