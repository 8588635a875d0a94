"""How long finished jobs are kept: first the recording goes, then everything."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from quoth.domain.errors import QuothError
from quoth.domain.jobs import FINAL, Job
from quoth.ports.jobs import JobFiles, JobStore
from quoth.use_cases.job_feed import JobFeed

log = logging.getLogger(__name__)

DAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long things are kept after a job is finished, in days; None for ever.

    Args:
        audio_days: the recording.
        transcripts_days: the job with all that belongs to it.
    """

    audio_days: float | None = None
    transcripts_days: float | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """What one look removed: recordings alone, and whole jobs; `failed` could not be."""

    recordings: int = 0
    jobs: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Retention:
    """Removes what was kept long enough; whatever waits or runs is left alone.

    Args:
        store: the rows.
        files: the folders.
        feed: is told of changes.
        delete: deletes the job of an owner with everything that belongs to it.
        keeping: how long things are kept.
        now: seconds since the epoch.
    """

    store: JobStore
    files: JobFiles
    feed: JobFeed
    delete: Callable[[str, str], None]
    keeping: Keeping
    now: Callable[[], float]

    def __call__(self, is_stopping: Callable[[], bool] = lambda: False) -> Expired:
        """Remove what is over its time; one job that cannot be removed does not keep the others."""
        counts = dict.fromkeys(("recordings", "jobs", "failed"), 0)
        for job, remove, kind in self._due():
            if is_stopping():
                break
            try:
                counts[kind] += remove(job)
            except (QuothError, OSError):
                log.exception("job %s was kept long enough and cannot be removed", job.id)
                counts["failed"] += 1
        expired = Expired(**counts)
        if expired != Expired():
            log.info(
                "kept long enough: removed %d recordings and %d jobs; %d could not be",
                expired.recordings,
                expired.jobs,
                expired.failed,
            )
        return expired

    def _due(self) -> list[tuple[Job, Callable[[Job], bool], str]]:
        """Return finished jobs that are over their time, and what is to be done to each."""
        if self.keeping == Keeping():
            return []
        due: list[tuple[Job, Callable[[Job], bool], str]] = []
        for job in self.store.by_status(FINAL):
            if self._is_over(job, self.keeping.transcripts_days):
                due.append((job, self._remove_job, "jobs"))
            elif self._is_over(job, self.keeping.audio_days) and self._has_audio(job):
                due.append((job, self._remove_audio, "recordings"))
        return due

    def _is_over(self, job: Job, days: float | None) -> bool:
        if days is None or job.finished is None:
            return False
        return job.finished < self.now() - days * DAY

    def _has_audio(self, job: Job) -> bool:
        """Whether there is a recording, or one was left by a process that died removing it."""
        return job.has_audio or self.files.recording(job.id) is not None

    def _remove_audio(self, job: Job) -> bool:
        """Remove every form of the recording; whether the job was still finished."""
        changed = self.store.audio_gone(job.id)  # from here on nobody can try it again
        if changed is None:
            return False
        self.files.remove_source(job.id)
        self.files.clear_work(job.id)
        self.feed.publish(changed)
        return True

    def _remove_job(self, job: Job) -> bool:
        if self.store.audio_gone(job.id) is None:
            return False
        self.delete(job.owner, job.id)
        return True
