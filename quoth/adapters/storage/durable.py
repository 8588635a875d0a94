"""Writing and moving files so that a crash leaves the old or the new, whole."""

import errno
import os
import shutil
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: str, mode: int = 0o666) -> None:
    """Write a small file at one instant; who may do what with it is bounded by the umask."""

    def opened(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)  # what a crash left may be open to others
    with open(part, "w", encoding="utf-8", opener=opened) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def move_whole(source: Path, target: Path) -> None:
    """Move a file at one instant; to another disk it is copied first."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_whole(source, target)
        source.unlink()
    sync_folder(target.parent)


def _copy_whole(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(source, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
