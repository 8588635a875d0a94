"""Which processes can do a job: it waits in a queue that only those take from.

A job that asks for nothing in particular can be done by anybody. One with a model, a language or a
translation goes to whoever has said that it can do that; where nobody has, it waits, and is looked
at again when others come or go.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Protocol

from quoth.domain.jobs import Job, JobOptions, JobStatus
from quoth.ports.jobs import JobQueue, JobStore
from quoth.ports.transcriber import EngineInfo
from quoth.ports.workers import Worker, WorkerStore

log = logging.getLogger(__name__)


KNOWN_SECONDS = 0.5
"""How long what was read of workers is good for."""


class MovingQueue(JobQueue, Protocol):
    """A queue in which what waits can be put elsewhere."""

    def move(self, job: Job) -> None:
        """Let an attempt that waits wait in the queue of its route instead of another."""


def is_particular(options: JobOptions) -> bool:
    """Whether not just anybody can do it."""
    return bool(options.model or options.language or options.candidates or options.is_translated)


def route_of(options: JobOptions, workers: Sequence[Worker]) -> str | None:
    """Return the model whose workers can do a job, the one that most have; None if nobody can."""
    able: Counter[str] = Counter()
    for worker in workers:
        if options.model is not None:
            named = [info for info in worker.models if info.model == options.model]
        else:
            named = list(worker.models[:1])
        able.update(info.model for info in named if can(info, options))
    return able.most_common(1)[0][0] if able else None


def can(info: EngineInfo, options: JobOptions) -> bool:
    """Whether an engine can do what a job asks for."""
    languages = [*([options.language] if options.language else []), *options.candidates]
    speaks = all(language in info.languages for language in languages)
    return speaks and (info.has_translation or not options.is_translated)


class Routing:
    """Knows who is there, as of a moment ago.

    Args:
        workers: the list of all.
        seconds: after which one that is silent is dead.
        clock: seconds, of any beginning.
    """

    def __init__(
        self, workers: WorkerStore, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workers, self._seconds, self._clock = workers, seconds, clock
        self._lock = Lock()
        self._read = float("-inf")
        self._known: tuple[Worker, ...] = ()

    def able(self, *, is_news: bool = False) -> Sequence[Worker]:
        """Return the processes that do jobs; as of now, if that is news."""
        with self._lock:
            if is_news or self._clock() - self._read > KNOWN_SECONDS:
                serving = self._workers.serving(self._seconds)
                self._known = tuple(worker for worker in serving if worker.models)
                self._read = self._clock()
            return self._known

    def waits_for(self, job: Job) -> str | None:
        """Say what a job that is queued waits for that is not there; None if somebody is."""
        if job.status is not JobStatus.QUEUED:
            return None
        able = self.able()
        if not able:
            return "a worker: none is up"
        if is_particular(job.options) and route_of(job.options, able) is None:
            return f"a worker that can do this: {_wish(job.options)}"
        return None


@dataclass(frozen=True, slots=True)
class RoutedQueue:
    """The queue of a process that shares its database: each job goes where it can be done.

    Args:
        queue: with a queue for each route.
        store: the rows.
        routing: knows who is there.
    """

    queue: MovingQueue
    store: JobStore
    routing: Routing

    def enqueue(self, job: Job) -> None:
        """Queue an attempt, if anybody can do it; again is no harm."""
        if is_particular(job.options) and job.route is None:
            route = route_of(job.options, self.routing.able())
            if route is None:
                log.warning("job %s waits for %s", job.id, self.routing.waits_for(job))
                return
            self.store.set_route(job, route)
            job = replace(job, route=route)
        self.queue.enqueue(job)

    def dispatch(self) -> None:
        """Look again at what waits, after others came or went."""
        able = self.routing.able(is_news=True)
        served = {info.model for worker in able for info in worker.models}
        for job in self.store.by_status({JobStatus.QUEUED}):
            if not is_particular(job.options) or job.route in served:
                continue
            route = route_of(job.options, able)
            if route is not None:
                self.store.set_route(job, route)
                self.queue.move(replace(job, route=route))

    def is_over(self, job: Job) -> bool:
        """Whether an attempt was queued and came to an end, whatever it was."""
        return self.queue.is_over(job)

    def cancel(self, job: Job) -> None:
        """Take no further step of an attempt."""
        self.queue.cancel(job)

    def forget(self, job: Job) -> None:
        """Remove every trace of all attempts."""
        self.queue.forget(job)


def _wish(options: JobOptions) -> str:
    languages = [*([options.language] if options.language else []), *options.candidates]
    wishes = [
        f"model {options.model}" if options.model else "",
        f"language {', '.join(languages)}" if languages else "",
        "translation" if options.is_translated else "",
    ]
    return " and ".join(wish for wish in wishes if wish)
