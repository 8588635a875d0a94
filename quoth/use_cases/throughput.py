"""How fast jobs are done, as measured: seconds of audio in a second."""

from threading import Lock

from quoth.domain.jobs import Job, JobStatus
from quoth.use_cases.job_feed import JobFeed

WEIGHT = 0.2
"""Of the last job in the average."""


class Throughput:
    """Listens to jobs that are completed."""

    def __init__(self, feed: JobFeed) -> None:
        self._lock = Lock()
        self._speed: float | None = None
        feed.always(self._heard)

    def speed(self) -> float | None:
        """Return the average; None before anything was done."""
        with self._lock:
            return self._speed

    def _heard(self, job: Job) -> None:
        if job.status is not JobStatus.COMPLETED or not job.started or not job.finished:
            return
        if job.attempt > 1:
            return  # it found a part of its work done
        speed = job.seconds / max(0.001, job.finished - job.started)
        with self._lock:
            before = self._speed
            self._speed = speed if before is None else before + WEIGHT * (speed - before)
