"""What lies about in the folders of jobs."""

from collections.abc import Sequence
from typing import Protocol


class Leftovers(Protocol):
    """Looks at the folders of jobs as they are, whatever the rows say."""

    def folders(self, before: float) -> Sequence[str]:
        """Return the jobs in whose folder nothing changed since then, in seconds since the epoch.

        Empty where the folder of all of them is not there, as on a disk that is not mounted.
        """

    def is_mounted(self) -> bool:
        """Whether the folder of all of them is there and has any."""

    def has_transcript(self, job_id: str) -> bool:
        """Whether a job's transcript is there."""

    def has_source(self, job_id: str) -> bool:
        """Whether a job's recording is there."""

    def remove_parts(self, before: float) -> int:
        """Remove files that were begun and not written to since then; return how many."""
