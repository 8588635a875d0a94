"""A `JobQueue` that keeps nothing: attempts run in threads, and die with the process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from queue import PriorityQueue
from threading import Lock
from typing import TypeAlias

from quoth.domain.errors import Cancelled
from quoth.domain.jobs import Job
from quoth.ports.jobs import StepResult

Work: TypeAlias = Callable[[], StepResult]


class PlainSteps:
    """Does steps, one after the other, and writes nothing down.

    Args:
        is_cancelled: whether no further step is to be taken.
    """

    def __init__(self, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        self.done: list[str] = []
        self._is_cancelled = is_cancelled

    def step(self, name: str, work: Work) -> StepResult:
        """Do a step."""
        if self._is_cancelled():
            raise Cancelled
        result = work()
        self.done.append(name)
        return result

    def both(
        self, first: tuple[str, Work], second: tuple[str, Work]
    ) -> tuple[StepResult, StepResult]:
        """Do two steps."""
        return self.step(*first), self.step(*second)


class FakeJobQueue:
    """Runs attempts in the order of their priority, some at once.

    Args:
        run: does an attempt.
        concurrency: how many at once.
    """

    def __init__(self, run: Callable[[str, int, PlainSteps], None], concurrency: int = 2) -> None:
        self._run = run
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="job")
        self._waiting: PriorityQueue[tuple[int, int, Job]] = PriorityQueue()
        self._numbers = count()
        self._lock = Lock()
        self._taken: set[str] = set()
        self._over: set[str] = set()
        self._cancelled: set[str] = set()

    def start(self) -> None:
        """Nothing was left by anybody."""

    def enqueue(self, job: Job) -> None:
        """Queue an attempt; again is no harm."""
        with self._lock:
            if job.run in self._taken:
                return
            self._taken.add(job.run)
            self._waiting.put((job.priority, next(self._numbers), job))
        self._threads.submit(self._do_next)

    def _do_next(self) -> None:
        *_, job = self._waiting.get()
        try:
            if not self._is_cancelled(job.run):
                self._run(job.id, job.attempt, PlainSteps(lambda: self._is_cancelled(job.run)))
        finally:
            with self._lock:
                if job.run in self._taken:
                    self._over.add(job.run)

    def _is_cancelled(self, run: str) -> bool:
        with self._lock:
            return run in self._cancelled

    def is_over(self, job: Job) -> bool:
        """Whether an attempt was queued and came to an end, whatever it was."""
        with self._lock:
            return job.run in self._over

    def cancel(self, job: Job) -> None:
        """Take no further step of an attempt."""
        with self._lock:
            self._cancelled.add(job.run)

    def forget(self, job: Job) -> None:
        """Forget that there was such a job."""
        runs = {f"{job.id}.{attempt}" for attempt in range(1, job.attempt + 1)}
        with self._lock:
            for known in (self._taken, self._over, self._cancelled):
                known.difference_update(runs)

    def move(self, job: Job) -> None:
        """There is one queue."""
        self.enqueue(job)

    def take_over(self, executor: str) -> int:  # noqa: ARG002 - the protocol's signature
        """Nobody leaves anything."""
        return 0

    def holders(self) -> set[str]:
        """Nobody holds anything."""
        return set()

    def pause(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """Nothing is recorded anyway."""

    def close(self) -> None:
        """Take no more jobs, and wait for those under way."""
        self._threads.shutdown(wait=True, cancel_futures=True)
