"""How often the queue is looked at: often while there is work, rarely when there is none."""

import time
from collections.abc import Collection
from threading import Lock, Timer

from dbos import DBOS

HURRIED_SECONDS = 0.05
IDLE_SECONDS = 1.0
"""A look costs about a millisecond; ten times a second they would keep a laptop's core awake."""
CALM_AFTER_SECONDS = 5.0


class Pace:
    """Sets how often each lane is looked at. The first job after a pause waits half a second."""

    def __init__(self, lanes: Collection[str]) -> None:
        self._lock = Lock()
        self._until = dict.fromkeys(lanes, float("inf"))
        """When each lane calms down, by the monotonic clock; lanes are made hurried."""
        self._calm = set[str]()
        self._timer: Timer | None = None
        self._is_over = False

    def hurry(self, lane: str | None = None) -> None:
        """Note that there is work in a lane, or was a moment ago; None for any lane."""
        with self._lock:
            for each in self._until if lane is None else (lane,):
                self._until[each] = time.monotonic() + CALM_AFTER_SECONDS
                if each in self._calm:
                    self._calm.remove(each)
                    _set(each, HURRIED_SECONDS)
            if self._timer is None:
                self._wait(CALM_AFTER_SECONDS)

    def stop(self) -> None:
        """Change nothing any more."""
        with self._lock:
            self._is_over = True
            if self._timer is not None:
                self._timer.cancel()

    def _wait(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        """Let lanes calm down that had no work; look again when the next may."""
        with self._lock:
            self._timer = None
            if self._is_over:
                return
            now = time.monotonic()
            for lane, until in self._until.items():
                if until <= now and lane not in self._calm:
                    self._calm.add(lane)
                    _set(lane, IDLE_SECONDS)
            hurried = [self._until[lane] for lane in self._until if lane not in self._calm]
            if hurried:
                self._wait(min(hurried) - now)


def _set(lane: str, seconds: float) -> None:
    queue = DBOS.retrieve_queue(lane)
    if queue is not None:
        queue.set_polling_interval_sec(seconds)
