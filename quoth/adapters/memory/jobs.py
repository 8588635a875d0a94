"""A `JobQueue` that keeps nothing: attempts run in threads, and die with the process."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeAlias

from quoth.domain.jobs import Job

StepResult: TypeAlias = Mapping[str, Any]
Work: TypeAlias = Callable[[], StepResult]


class PlainSteps:
    """Does steps, one after the other, and writes nothing down."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def step(self, name: str, work: Work) -> StepResult:
        """Do a step."""
        result = work()
        self.done.append(name)
        return result

    def both(
        self, first: tuple[str, Work], second: tuple[str, Work]
    ) -> tuple[StepResult, StepResult]:
        """Do two steps."""
        return self.step(*first), self.step(*second)


class FakeJobQueue:
    """Runs attempts as they come, some at once.

    Args:
        run: does an attempt.
        concurrency: how many at once.
    """

    def __init__(self, run: Callable[[str, int, PlainSteps], None], concurrency: int = 2) -> None:
        self._run = run
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="job")
        self._lock = Lock()
        self._taken: set[str] = set()
        self._over: set[str] = set()

    def start(self) -> None:
        """Nothing was left by anybody."""

    def enqueue(self, job: Job) -> None:
        """Queue an attempt; again is no harm."""
        with self._lock:
            if job.run in self._taken:
                return
            self._taken.add(job.run)
        self._threads.submit(self._do, job)

    def _do(self, job: Job) -> None:
        try:
            self._run(job.id, job.attempt, PlainSteps())
        finally:
            with self._lock:
                self._over.add(job.run)

    def is_over(self, job: Job) -> bool:
        """Whether an attempt was queued and came to an end, whatever it was."""
        with self._lock:
            return job.run in self._over

    def cancel(self, job: Job) -> None:
        """Leave it to the attempt to find out."""

    def forget(self, job: Job) -> None:
        """Forget that there was such a job."""
        with self._lock:
            for attempt in range(1, job.attempt + 1):
                self._over.discard(f"{job.id}.{attempt}")

    def stop(self) -> None:
        """Nothing is recorded anyway."""

    def close(self) -> None:
        """Take no more jobs, and wait for those under way."""
        self._threads.shutdown(wait=True, cancel_futures=True)
