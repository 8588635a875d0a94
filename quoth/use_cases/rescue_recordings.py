"""Recordings of live sessions whose server was killed: they become the jobs they were to be."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from quoth.domain.errors import QuothError
from quoth.domain.jobs import Job
from quoth.ports.live import KeptRecording, LiveRecordings, RecordingNote
from quoth.use_cases.manage_jobs import ManageJobs, NewRecording

log = logging.getLogger(__name__)


def make_job(manage: ManageJobs, recording: KeptRecording, note: RecordingNote) -> Job:
    """Make a job of a recording that is whole; made twice it is the same job.

    It was counted while it came in, hence it is taken however much waits.

    Raises:
        QuothError: if there can be none; the recording is where it was.
    """
    brought = NewRecording(note.name, recording.lend, path=recording.path, is_admitted=True)
    job = manage.create(note.owner, note.options, brought, key=f"live-{recording.id}")
    recording.remove()
    return job


@dataclass(frozen=True, slots=True)
class RescueRecordings:
    """Makes jobs of what was left behind.

    Args:
        recordings: knows what was.
        manage: makes jobs.
    """

    recordings: LiveRecordings
    manage: ManageJobs

    def __call__(self, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Make jobs of all of them; return how many."""
        count = 0
        for recording, note in self.recordings.left():
            if is_stopping():
                break
            try:
                job = make_job(self.manage, recording, note)
            except QuothError:
                log.exception("the live recording %s could not be made a job yet", recording.path)
            else:
                log.warning("a live session was cut off: its recording is job %s now", job.id)
                count += 1
        return count
