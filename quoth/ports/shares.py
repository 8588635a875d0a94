"""Where shares are written down."""

from collections.abc import Sequence
from typing import Protocol

from quoth.domain.jobs import Job
from quoth.domain.shares import Share


class ShareStore(Protocol):
    """The rows; they go with their job."""

    def add(self, share: Share) -> bool:
        """Write a new share down; False if its job is gone."""

    def of_job(self, job_id: str, now: float) -> Sequence[Share]:
        """Return the shares of a job that are good at a time, the oldest first."""

    def job_of(self, digest: str, now: float) -> Job | None:
        """Return the job that a token opens at a time; None if it opens none."""

    def remove(self, job_id: str, share_id: str) -> bool:
        """Revoke a share of a job; False if there is none."""

    def remove_expired(self, now: float) -> None:
        """Remove all that are not good any more at a time."""
