"""Putting rows and folders in order that crashes, and hands in the data folder, put apart."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from quoth.domain.jobs import FINAL, Failure, Job, JobStatus
from quoth.ports.jobs import JobFiles, JobStore
from quoth.ports.leftovers import Leftovers
from quoth.use_cases.job_feed import JobFeed

log = logging.getLogger(__name__)

ORPHANED_SECONDS = 3600.0
"""How long a folder may be without a row: its recording is just being taken in."""
ABANDONED_SECONDS = 86_400.0
"""How long a file may be unfinished after the last byte came."""
TRANSCRIPT_LOST = Failure(
    "The transcript is gone from the data folder: it was removed by hand, or the disk is damaged. "
    "Restore a backup; or try again, if the recording is kept.",
    "transcript_lost",
)


@dataclass(frozen=True, slots=True)
class Tidied:
    """What one look set right.

    Args:
        orphans: folders without a row, removed.
        parts: unfinished files, removed.
        transcripts: lost; their jobs have failed.
        recordings: lost; their jobs say so.
    """

    orphans: int = 0
    parts: int = 0
    transcripts: int = 0
    recordings: int = 0


@dataclass(frozen=True, slots=True)
class Janitor:
    """Puts rows and folders in order; whatever waits or runs is left alone.

    Args:
        store: the rows.
        files: the folders.
        leftovers: what lies in them.
        feed: is told of changes.
        now: seconds since the epoch.
    """

    store: JobStore
    files: JobFiles
    leftovers: Leftovers
    feed: JobFeed
    now: Callable[[], float]

    def __call__(self, is_stopping: Callable[[], bool] = lambda: False) -> Tidied:
        """Look once through everything."""
        orphans = self._remove_orphans()
        parts = self.leftovers.remove_parts(self.now() - ABANDONED_SECONDS)
        transcripts, recordings = self._note_losses(is_stopping)
        tidied = Tidied(orphans, parts, transcripts, recordings)
        if tidied != Tidied():
            log.warning(
                "removed %d folders without a job and %d unfinished files; "
                "%d transcripts and %d recordings of jobs are gone",
                orphans,
                parts,
                transcripts,
                recordings,
            )
        return tidied

    def _remove_orphans(self) -> int:
        # The folders before the rows: a job that is just being written down is not taken for one.
        folders = self.leftovers.folders(self.now() - ORPHANED_SECONDS)
        without_row = set(folders) - self.store.ids() if folders else set()
        orphans = [job_id for job_id in without_row if self.files.is_disowned(job_id)]
        for job_id in orphans:
            self.files.remove(job_id)
        return len(orphans)

    def _note_losses(self, is_stopping: Callable[[], bool]) -> tuple[int, int]:
        """Look for files that finished jobs should have; return the transcripts and recordings."""
        transcripts = recordings = 0
        jobs = self.store.by_status(FINAL)
        if jobs and not self.leftovers.is_mounted():
            log.warning("no job has a folder, as if the disk were not mounted: nothing is changed")
            return 0, 0
        for job in jobs:
            if is_stopping():
                break
            transcripts += self._note_lost_transcript(job)
            recordings += self._note_lost_recording(job)
        return transcripts, recordings

    def _note_lost_transcript(self, job: Job) -> bool:
        if job.status is not JobStatus.COMPLETED or self.leftovers.has_transcript(job.id):
            return False
        changed = self.store.change(job.id, JobStatus.FAILED, self.now(), TRANSCRIPT_LOST)
        return self._told(changed)

    def _note_lost_recording(self, job: Job) -> bool:
        if not job.has_audio or self.leftovers.has_source(job.id):
            return False
        return self._told(self.store.audio_gone(job.id))

    def _told(self, changed: Job | None) -> bool:
        if changed is not None:
            self.feed.publish(changed)
        return changed is not None
