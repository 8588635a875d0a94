"""Letting others look at one job without being let in: shares that expire and can be taken back."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quoth.domain.errors import InvalidParameter
from quoth.domain.job_errors import JobNotFound, ShareNotFound
from quoth.domain.jobs import Job
from quoth.domain.shares import FEWEST_SECONDS, LONGEST_LABEL, USUAL_SECONDS, Share, digest_of
from quoth.ports.jobs import JobStore
from quoth.ports.shares import ShareStore

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share that was just made, and its token, which is told once."""

    share: Share
    token: str


@dataclass(frozen=True, slots=True)
class ShareJobs:
    """Shares of jobs.

    Args:
        jobs: the jobs' rows.
        shares: the shares' rows.
        now: seconds since the epoch.
        longest_seconds: a share may be good for.
    """

    jobs: JobStore
    shares: ShareStore
    now: Callable[[], float]
    longest_seconds: float

    def create(
        self, owner: str, job_id: str, seconds: float | None = None, label: str = ""
    ) -> NewShare:
        """Share a job for so many seconds; by default for a week, or as long as is allowed.

        Raises:
            JobNotFound: if there is none.
            InvalidParameter: if it cannot be shared for so long, or under that label.
        """
        self._check(owner, job_id)
        if seconds is None:
            seconds = min(USUAL_SECONDS, self.longest_seconds)
        if not FEWEST_SECONDS <= seconds <= self.longest_seconds:
            allowed = f"from {FEWEST_SECONDS:.0f} to {self.longest_seconds:.0f} seconds"
            raise InvalidParameter("expires_in", f"is {allowed} (MAX_SHARE_DAYS)")
        if len(label) > LONGEST_LABEL:
            raise InvalidParameter("label", f"has more than {LONGEST_LABEL} characters")
        now, token = self.now(), secrets.token_urlsafe(TOKEN_BYTES)
        share = Share(uuid.uuid4().hex, job_id, digest_of(token), label, now, now + seconds)
        self.shares.remove_expired(now)
        if not self.shares.add(share):
            raise JobNotFound(job_id)
        return NewShare(share, token)

    def find(self, owner: str, job_id: str) -> Sequence[Share]:
        """Return the shares of a job that are good, the oldest first.

        Raises:
            JobNotFound: if there is none.
        """
        self._check(owner, job_id)
        return self.shares.of_job(job_id, self.now())

    def revoke(self, owner: str, job_id: str, share_id: str) -> None:
        """Take a share back; from now on its token opens nothing.

        Raises:
            JobNotFound: if there is no such job.
            ShareNotFound: if the job has no such share.
        """
        self._check(owner, job_id)
        if not self.shares.remove(job_id, share_id):
            raise ShareNotFound

    def resolve(self, token: str) -> Job:
        """Return the job that a token opens.

        Raises:
            ShareNotFound: if it is unknown, expired or revoked, in the same words for all.
        """
        job = self.shares.job_of(digest_of(token), self.now())
        if job is None:
            raise ShareNotFound
        return job

    def _check(self, owner: str, job_id: str) -> None:
        if self.jobs.get(job_id, owner) is None:
            raise JobNotFound(job_id)
