"""Folders of jobs with copies of what is kept elsewhere; whoever needs one makes it again."""

import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from quoth.adapters.storage.job_files import ID


def sweep(scratch: Path, before: float, there: Collection[str] | None = None) -> int:
    """Remove what did not change since then, or is of jobs that are gone; return how many.

    Args:
        scratch: holds a folder for each job.
        before: seconds since the epoch.
        there: the jobs that are not gone; None where nobody knows.
    """
    count = 0
    for folder in list(_folders(scratch)):
        is_gone = there is not None and folder.name not in there
        if is_gone or _changed(folder) < before:
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count


def _folders(scratch: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (each for each in scratch.iterdir() if ID.fullmatch(each.name))


def _changed(folder: Path) -> float:
    """Return when a folder or a file in it changed last."""
    times = [0.0]
    with suppress(FileNotFoundError):
        times += [each.stat().st_mtime for each in (folder, *folder.iterdir())]
    return max(times)
