"""The `Leftovers` of folders: `QUOTH_DATA/jobs/ID/`."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.adapters.storage.job_results import SOURCE, TRANSCRIPT
from quoth.adapters.storage.whole_files import PART


@dataclass(frozen=True, slots=True)
class FolderLeftovers:
    """Looks at the folders of jobs.

    Args:
        files: knows which there are.
    """

    files: FolderJobFiles

    def folders(self, before: float) -> Sequence[str]:
        """Return the jobs in whose folder nothing changed since then."""
        return [job_id for job_id in self.files.ids() if _changed(self._path(job_id)) < before]

    def is_mounted(self) -> bool:
        """Whether the folder of all of them is there and has any."""
        return bool(self.files.ids())

    def has_transcript(self, job_id: str) -> bool:
        """Whether a job's transcript is there."""
        return (self._path(job_id) / TRANSCRIPT).is_file()

    def has_source(self, job_id: str) -> bool:
        """Whether a job's recording is there."""
        return (self._path(job_id) / SOURCE).is_file()

    def remove_parts(self, before: float) -> int:
        """Remove files that were begun and not written to since then; return how many."""
        return sum(remove_parts(self._path(job_id), "*", before) for job_id in self.files.ids())

    def _path(self, job_id: str) -> Path:
        return self.files.root / job_id


def remove_parts(folder: Path, name: str, before: float) -> int:
    """Remove what was begun in a folder to become files of a name, and not written to since."""
    count = 0
    for path in folder.glob(f".{name}{PART}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                count += 1
    return count


def _changed(folder: Path) -> float:
    """Return when a folder or a file in it changed last; never for one that is gone."""
    return max(_times(folder), default=float("inf"))


def _times(folder: Path) -> Iterator[float]:
    with suppress(FileNotFoundError, NotADirectoryError):
        yield folder.stat().st_mtime
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                yield path.stat().st_mtime
