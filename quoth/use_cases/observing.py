"""Telling one observer of the progress of stages that run in several threads, and stopping them."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from quoth.domain.errors import Cancelled
from quoth.domain.progress import Stage, StageProgress, report
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress

Observer: TypeAlias = Callable[[StageProgress], None]
"""Told of progress, one report at a time; raises `Cancelled` to stop everything."""

WordListener: TypeAlias = Callable[[Sequence[Word], str | None], None]
"""Told of words in order as soon as nothing can change their text any more, and their language.

They have no speakers yet. It is called in the thread that recognises; what it raises ends the work.
"""

Clock: TypeAlias = Callable[[], float]
"""Monotonic seconds."""


def unobserved(_progress: StageProgress) -> None:
    """Report to nobody."""


class ProgressBoard:
    """Collects the progress of stages.

    When the observer raises `Cancelled` in one stage, every other stage gets it at its next
    report, too.
    """

    def __init__(self, stages: Iterable[Stage], observer: Observer, clock: Clock) -> None:
        self._done = dict.fromkeys(stages, 0.0)
        self._observer = observer
        self._clock = clock
        self._started = clock()
        self._lock = threading.Lock()
        self._is_cancelled = False

    def progress(self, stage: Stage, start: float = 0.0, end: float = 1.0) -> Progress:
        """Return what work that makes up the part from `start` to `end` of a stage reports to."""

        def progress(fraction: float) -> None:
            self.advance(stage, start + (end - start) * min(1.0, max(0.0, fraction)))

        return progress

    def finish(self) -> None:
        """Note that nothing is left to do in any stage."""
        for stage in self._done:
            self.advance(stage, 1.0)

    def cancel(self) -> None:
        """Let every stage end with `Cancelled` at its next report."""
        with self._lock:
            self._is_cancelled = True

    def advance(self, stage: Stage, fraction: float) -> None:
        """Note how far a stage is.

        Raises:
            Cancelled: if the observer raised it, now or before.
        """
        with self._lock:
            if self._is_cancelled:
                raise Cancelled
            self._done[stage] = max(self._done[stage], fraction)
            seen = report(self._done, stage, self._clock() - self._started)
            try:
                self._observer(seen)
            except BaseException:
                self._is_cancelled = True
                raise
