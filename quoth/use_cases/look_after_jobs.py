"""Jobs whose rows, folders and attempts do not say the same, after a crash or a database away."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from quoth.domain.jobs import Failure, Job, JobStatus
from quoth.ports.jobs import JobFiles, JobQueue, JobStore
from quoth.ports.webhooks import Notifier
from quoth.use_cases.job_feed import JobFeed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LookAfterJobs:
    """Sets right what a process left that died, or that could not reach its database.

    Args:
        store: the rows.
        queue: does the jobs.
        files: the folders.
        feed: is told of changes.
        now: seconds since the epoch.
        notifier: is told of jobs that ended.
    """

    store: JobStore
    queue: JobQueue
    files: JobFiles
    feed: JobFeed
    now: Callable[[], float]
    notifier: Notifier

    def recover(self, *, is_alone: bool = True) -> None:
        """Queue what was accepted and not queued when the process died; remove what was not.

        Whoever should have been told of an ending then is told now.

        To be called before anything else works with the jobs. Where others do already, folders
        without a row are left to the janitor: they may be just coming in.
        """
        if is_alone:
            self._tidy_folders()
        self()

    def __call__(self, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Queue what is not queued, and let fail what is over without a word.

        That is what a database leaves behind that could not be reached for a while.
        """
        for job in self.store.by_status({JobStatus.QUEUED, JobStatus.RUNNING}):
            if is_stopping():
                return
            if self.queue.is_over(job):
                self._give_up(job)
            else:
                self.queue.enqueue(job)
        self.notifier.catch_up()

    def _tidy_folders(self) -> None:
        known, strange = self.store.ids(), 0
        for job_id in self.files.ids():
            if job_id in known:
                self.files.own(job_id)
            elif self.files.is_disowned(job_id):
                self.files.remove(job_id)
            else:
                strange += 1
        if strange:
            log.warning(
                "%d folders of jobs are in no row of the database. They are left alone: see that "
                "DATABASE_URL is the one they were made with, or remove them by hand.",
                strange,
            )

    def _give_up(self, job: Job) -> None:
        """Let a job fail whose attempt is over without a word.

        An attempt says what became of it before it is over. The row is read again after that is
        known: jobs are under way already, and this one may have come to its end a moment ago.
        """
        latest = self.store.get(job.id)
        if latest is None or latest.status.is_final or latest.attempt != job.attempt:
            return
        failure = Failure("The server died while it worked on this. Try again.", "lost")
        changed = self.store.change(job.id, JobStatus.FAILED, self.now(), failure, latest)
        if changed is not None:
            self.feed.publish(changed)
