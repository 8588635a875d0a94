"""A thread for what has to be done now and then, whoever asks for what meanwhile."""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Protocol

log = logging.getLogger(__name__)

HOUR = 3600.0
"""Seconds."""
STOPPING_SECONDS = 5.0


class Chore(Protocol):
    """Something to be done now and then, that can be stopped in the middle."""

    def __call__(self, is_stopping: Callable[[], bool], /) -> object:
        """Do it, and stop soon when asked to."""


class Housekeeping:
    """Does chores at the start and then every hour; one that fails keeps none of the others.

    Args:
        chores: done one after the other.
        every: seconds between one round and the next.
        pause: waits for an event so many seconds; whether it was set. Tests put theirs here.
    """

    def __init__(
        self,
        chores: Sequence[Chore],
        every: float = HOUR,
        pause: Callable[[Event, float], bool] = Event.wait,
    ) -> None:
        self._chores = chores
        self._every = every
        self._pause = pause
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a chore under way is asked to stop and waited for a while."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(STOPPING_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            for chore in self._chores:
                try:
                    chore(self._stopping.is_set)
                except Exception:  # whatever it is, the next round may find it gone
                    log.exception("a chore failed; it is tried again in %.0f s", self._every)
            if self._pause(self._stopping, self._every):
                return
