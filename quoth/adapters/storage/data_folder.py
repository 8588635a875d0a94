"""The data folder as a whole: what in it is worth keeping, and in which order."""

import os
from collections.abc import Iterator
from pathlib import Path

from quoth.adapters.storage.job_results import SAMPLES
from quoth.adapters.storage.serving_lock import NAME as SERVING
from quoth.adapters.storage.whole_files import PART

JOBS = "jobs"
MODELS = "models"
LIVE = "live"
"""Recordings of live sessions that are not over."""
RESTORING = ".restoring"
"""Begins the names of what is there while a backup is put in place."""
ASIDE = "before-restore-"
"""Begins the name of a folder with what was there before."""
ROWS = "jobs.sqlite"

_PASSING = frozenset({"work", "uploads", ".uploads-lock", "scratch", LIVE, "lost+found"})
"""Folders of work in progress, of what is copied from a store elsewhere, and of a mounted disk."""
_BESIDE_DATABASES = ("-wal", "-shm", "-journal")


def is_data(name: str, *, with_models: bool) -> bool:
    """Whether an entry of the data folder is more than work in progress.

    Everything is that nobody says otherwise of: what is kept there some day is backed up, too.
    """
    if name == SERVING or name.startswith((RESTORING, ASIDE)):
        return False
    return name not in _PASSING and (with_models or name != MODELS)


def entries(data: Path, *, with_models: bool) -> list[str]:
    """Return the names of what in the data folder is worth keeping."""
    if not data.is_dir():
        return []
    names = sorted(path.name for path in data.iterdir())
    return [name for name in names if is_data(name, with_models=with_models)]


def databases(data: Path) -> list[str]:
    """Return the names of the databases in the order in which they are to be copied.

    The rows come last: a job that ends meanwhile is then finished in the rows and under way in
    the queue, which leaves it alone. The other way round it would count as given up.
    """
    return sorted((path.name for path in data.glob("*.sqlite")), key=lambda name: name == ROWS)


def files(data: Path, *, with_models: bool) -> Iterator[str]:
    """Give the paths, in the data folder, of all files worth keeping but the databases."""
    for name in entries(data, with_models=with_models):
        top = data / name
        if top.is_dir():
            for folder, below, found in os.walk(top, onerror=_refuse):
                below.sort()
                paths = (Path(folder) / each for each in sorted(found) if _is_kept(each))
                yield from (path.relative_to(data).as_posix() for path in paths)
        elif _is_kept(name) and ".sqlite" not in name:
            yield name


def _refuse(error: OSError) -> None:
    """Leave nothing out in silence but what is gone."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _is_kept(name: str) -> bool:
    """Whether a file is finished, and cannot be made again in moments as samples can."""
    return not name.endswith((PART, *_BESIDE_DATABASES)) and name != SAMPLES


def count_jobs(data: Path) -> int:
    """Return how many jobs have a folder."""
    folder = data / JOBS
    return sum(path.is_dir() for path in folder.iterdir()) if folder.is_dir() else 0
