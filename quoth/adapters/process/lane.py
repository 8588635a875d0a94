"""One lane in front of an engine: windows of all running requests, batched together.

It lives in the inference process. Sound of live streams goes through it as windows do, in batches
of its own, since it is other work. Requests take turns to lead a batch, so that a short clip does
not wait for a ten-hour file; the rest of the batch is filled with the windows nearest in length
to the leader's, whoever's they are, so that little is padded. Urgent windows lead and are batched
among themselves, but every so often the others have a batch, so that they are never held up.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from quoth.domain.errors import Cancelled, EngineFailed
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.streaming import StreamingTranscriber, StreamTask, StreamWords
from quoth.ports.transcriber import EngineInfo, Transcriber, WindowTask

WAIT_SECONDS = 0.1
MOST_URGENT = 3
"""Urgent batches in a row while others wait."""


class _Task(Protocol):
    @property
    def seconds(self) -> float: ...

    @property
    def is_urgent(self) -> bool: ...


_Work: TypeAlias = Callable[[Sequence[Any], Progress], list[Any]]
"""What the engine does with tasks of one kind: an answer for each."""


@dataclass(eq=False, slots=True)
class _Request:
    """The tasks of one caller: those waiting, longest first, and the answers to those done."""

    work: _Work
    tasks: Sequence[_Task]
    waiting: list[int]
    answers: dict[int, Any] = field(default_factory=dict)
    in_batch: int = 0
    seconds_in_batch: float = 0.0
    told: float = 0.0
    is_cancelled: bool = False
    error: Exception | None = None

    @property
    def is_urgent(self) -> bool:
        return self.tasks[0].is_urgent

    @property
    def is_done(self) -> bool:
        return self.error is not None or len(self.answers) == len(self.tasks)

    def seconds(self, index: int) -> float:
        return self.tasks[index].seconds

    def fraction(self, of_batch: float) -> float:
        """Return how far it is when its batch is so far; never less than it said before."""
        total = sum(self.seconds(index) for index in range(len(self.tasks)))
        done = sum(self.seconds(index) for index in self.answers) + self.seconds_in_batch * of_batch
        self.told = max(self.told, min(1.0, done / total) if total else 0.0)
        return self.told


_Place = tuple[_Request, int]


class LaneTranscriber:
    """The `Transcriber` port for many callers at once in front of one that takes batches.

    Args:
        engine: called from one thread only, with batches of about `engine.info.batch_seconds`.
    """

    needs_no_turn = frozenset({"transcribe", "advance"})

    def __init__(self, engine: Transcriber) -> None:
        self._engine = engine
        self._requests: deque[_Request] = deque()
        self._changed = threading.Condition()
        self._batch_fraction = 0.0
        self._urgent_in_a_row = 0
        threading.Thread(target=self._work, daemon=True).start()

    @property
    def info(self) -> EngineInfo:
        """What the engine is and can do."""
        return self._engine.info

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        """Recognise the words of each window among those of other callers; see the port."""
        return self._answers(self._engine.transcribe, tasks, progress)

    def advance(self, tasks: Sequence[StreamTask], progress: Progress) -> list[StreamWords]:
        """Recognise what came in of each stream among those of other callers; see the port."""
        if not isinstance(self._engine, StreamingTranscriber):
            raise EngineFailed(self.info.engine, "it takes no streams")
        return self._answers(self._engine.advance, tasks, progress)

    def _answers(self, work: _Work, tasks: Sequence[_Task], progress: Progress) -> list[Any]:
        order = sorted(range(len(tasks)), key=lambda index: -tasks[index].seconds)
        request = _Request(work, tasks, order)
        with self._changed:
            if tasks:
                self._requests.append(request)
            self._changed.notify_all()
            while not request.is_done:
                self._changed.wait(WAIT_SECONDS)
                self._report(request, progress)
            self._requests = deque(each for each in self._requests if each is not request)
        if request.error is not None:
            raise request.error
        return [request.answers[index] for index in range(len(tasks))]

    def _report(self, request: _Request, progress: Progress) -> None:
        try:
            progress(request.fraction(self._batch_fraction))
        except Cancelled:
            request.is_cancelled = True
            request.waiting.clear()
            # A batch that holds nothing else may be stopped by ending the process: wait for it.
            while request.in_batch and not self._is_shared():
                self._changed.wait(WAIT_SECONDS)
            raise

    def _is_shared(self) -> bool:
        return any(other.in_batch and not other.is_cancelled for other in self._requests)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not (batch := self._take()):
                    self._changed.wait()
            self._run(batch)

    def _take(self) -> list[_Place]:
        """Take the next batch out of what waits."""
        self._requests = deque(r for r in self._requests if r.waiting or r.in_batch)
        waiting = self._in_turn([request for request in self._requests if request.waiting])
        if not waiting:
            return []
        leader = waiting[0]
        self._requests.remove(leader)
        self._requests.append(leader)
        longest = leader.seconds(leader.waiting[0])
        places = sorted(
            (
                (request, index)
                for request in waiting
                if request.work == leader.work
                for index in request.waiting
            ),
            key=lambda place: abs(place[0].seconds(place[1]) - longest),
        )
        batch = [(leader, leader.waiting[0])]
        total = longest
        for place in places:
            seconds = place[0].seconds(place[1])
            if place != batch[0] and total + seconds <= self._engine.info.batch_seconds:
                batch.append(place)
                total += seconds
        for request, index in batch:
            request.waiting.remove(index)
            request.in_batch += 1
            request.seconds_in_batch += request.seconds(index)
        return batch

    def _in_turn(self, waiting: list[_Request]) -> list[_Request]:
        """Return the requests that the next batch is for: the urgent ones, or the others."""
        urgent = [request for request in waiting if request.is_urgent]
        others = [request for request in waiting if not request.is_urgent]
        if urgent and (not others or self._urgent_in_a_row < MOST_URGENT):
            self._urgent_in_a_row += 1
            return urgent
        self._urgent_in_a_row = 0
        return others

    def _run(self, batch: list[_Place]) -> None:
        """Recognise a batch; if a shared one fails, each caller's part again by itself."""
        callers = list(dict.fromkeys(request for request, _ in batch))
        try:
            tasks = [request.tasks[index] for request, index in batch]
            self._deliver(batch, callers[0].work(tasks, self._watch(callers)), None)
        except Cancelled:
            self._deliver(batch, [[] for _ in batch], None)
        except Exception as error:  # noqa: BLE001 - raised again in the threads of its callers
            if len(callers) == 1:
                self._deliver(batch, [[] for _ in batch], error)
                return
            for caller in callers:
                self._run([place for place in batch if place[0] is caller])

    def _watch(self, callers: Sequence[_Request]) -> Progress:
        def watch(fraction: float) -> None:
            self._batch_fraction = fraction
            if all(caller.is_cancelled for caller in callers):
                raise Cancelled

        return watch

    def _deliver(
        self, batch: Sequence[_Place], answers: Sequence[Any], error: Exception | None
    ) -> None:
        with self._changed:
            self._batch_fraction = 0.0
            for (request, index), found in zip(batch, answers, strict=True):
                request.in_batch -= 1
                request.seconds_in_batch = 0.0
                request.answers[index] = found
                if error is not None:
                    request.error = error
                    request.waiting.clear()
            self._changed.notify_all()
