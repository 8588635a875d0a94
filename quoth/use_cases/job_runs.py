"""The attempts that run in this process: how far they are, and how to stop them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event, Lock
from typing import NoReturn

from quoth.domain.errors import Cancelled
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.jobs import Job, JobProgress
from quoth.domain.progress import Stage, StageProgress
from quoth.ports.jobs import JobStore
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.observing import ProgressBoard
from quoth.use_cases.patience import patiently

STOPPING_SECONDS = 5.0
"""How long one waits for an attempt to notice that it was stopped."""
WRITE_EVERY_SECONDS = 0.5
"""Between two notes of how far a job is."""
LOOK_EVERY_SECONDS = 1.0
"""Between two looks at the row while it comes no further: it may be cancelled elsewhere."""


@dataclass(eq=False)
class JobRun:
    """One attempt in this process; its board is shared by all its steps.

    What it tells never falls behind what was told before the process died.

    Args:
        job: as it was when the attempt began.
        store: the rows.
        feed: is told of changes.
        clock: monotonic seconds.
        is_alone: whether whoever cancels or deletes the job tells this run, as no other process
            can: else the row is asked.
        cancelled: set to stop it.
        decoding: held while its samples are made.
    """

    job: Job
    store: JobStore
    feed: JobFeed
    clock: Callable[[], float] = time.monotonic
    is_alone: bool = False
    cancelled: Event = field(default_factory=Event)
    decoding: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Note when it began."""
        self._written = self.moved = self.clock()
        self._seen: tuple[Stage, float] | None = None
        self.is_taken = False
        self._told = JobProgress()
        self._lock = Lock()
        stages = [
            stage for stage in Stage if self.job.options.diarize or stage is not Stage.DIARIZE
        ]
        self.board = ProgressBoard(stages, self._observe, self.clock)

    def take(self, job: Job) -> None:
        """Go on as the lease that was taken."""
        self.job, self.is_taken = job, True
        self.moved = self.clock()

    def wait(self) -> None:
        """Wait for others a moment more, which is no hanging.

        Raises:
            Cancelled: if that was asked for.
        """
        self.moved = self.clock()
        self.check()

    def check(self) -> None:
        """Stop if that was asked for.

        Raises:
            Cancelled: if it was.
        """
        if self.cancelled.is_set():
            raise Cancelled

    def hold(self) -> None:
        """Stop unless what was made is still this run's to keep.

        Raises:
            Cancelled: if the job was cancelled, deleted, or taken over by another process.
        """
        self.check()
        if not self.is_alone and not patiently(lambda: self.store.holds(self.job), self.check):
            self.lose()

    @property
    def may_be_deleted(self) -> bool:
        """Whether the job may have been deleted meanwhile."""
        return self.cancelled.is_set() or not self.is_alone

    def lose(self) -> NoReturn:
        """Stop: the job is somebody else's.

        Raises:
            Cancelled: always.
        """
        self.cancelled.set()
        raise Cancelled

    def _observe(self, seen: StageProgress) -> None:
        self.check()
        now = self.clock()
        with self._lock:
            if (seen.stage, seen.fraction) != self._seen:
                self._seen, self.moved = (seen.stage, seen.fraction), now
            fraction = max(seen.fraction, self.job.progress.fraction)
            progress = JobProgress(seen.stage, fraction, seen.remaining)
            is_news = progress.fraction > self._told.fraction
            if now - self._written < (WRITE_EVERY_SECONDS if is_news else LOOK_EVERY_SECONDS):
                return
            self._written, self._told = now, progress
        try:
            changed = self.store.advance(self.job, progress)
        except DatabaseUnavailable:  # the work is worth more than the note of it
            return
        if changed is None:
            self.cancelled.set()
            raise Cancelled
        self.feed.publish(changed)


class JobRuns:
    """The attempts under way in this process, by job.

    Args:
        store: the rows.
        feed: is told of changes.
        is_alone: whether no other process changes the rows.
    """

    def __init__(self, store: JobStore, feed: JobFeed, *, is_alone: bool = False) -> None:
        self._store = store
        self._feed = feed
        self._is_alone = is_alone
        self._lock = Lock()
        self._over = Condition(self._lock)
        self._runs: dict[str, JobRun] = {}

    def begin(self, job: Job) -> JobRun:
        """Return the run of an attempt that begins, when those before it are over.

        One that was cancelled may need a moment to notice, and both would write the same files.
        """
        run = JobRun(job, self._store, self._feed, is_alone=self._is_alone)
        with self._over:
            while any(each.job.id == job.id for each in self._runs.values()):
                self._over.wait()
            self._runs[job.run] = run
        return run

    def end(self, job: Job) -> None:
        """Note that an attempt is over, whatever became of it."""
        with self._lock:
            self._runs.pop(job.run, None)
            self._over.notify_all()

    def stop(self, job: Job) -> None:
        """Ask an attempt to stop, if it runs here."""
        with self._lock:
            run = self._runs.get(job.run)
        if run is not None:
            run.cancelled.set()

    def wait(self, job: Job, seconds: float = STOPPING_SECONDS) -> None:
        """Wait until an attempt that was asked to stop is over, if it runs here."""
        deadline = time.monotonic() + seconds
        with self._over:
            while job.run in self._runs and (left := deadline - time.monotonic()) > 0:
                self._over.wait(left)

    def drop_lost(self) -> None:
        """Ask those to stop whose job was cancelled, deleted or taken over by another process.

        Raises:
            DatabaseUnavailable: if that cannot be found out.
        """
        with self._lock:
            runs = [run for run in self._runs.values() if run.is_taken]
        for run in runs:
            if not run.cancelled.is_set() and not self._store.holds(run.job):
                run.cancelled.set()

    def stalled(self, seconds: float) -> Sequence[Job]:
        """Return the jobs that came no further for so long."""
        with self._lock:
            runs = list(self._runs.values())
        return [run.job for run in runs if run.clock() - run.moved > seconds]

    @property
    def count(self) -> int:
        """How many run here."""
        with self._lock:
            return len(self._runs)
