"""How often the queue is looked at: often while there is work, rarely when there is none."""

from collections.abc import Sequence
from threading import Lock, Timer

from dbos import DBOS

HURRIED_SECONDS = 0.05
IDLE_SECONDS = 1.0
"""A look costs about a millisecond; ten times a second they would keep a laptop's core awake."""
CALM_AFTER_SECONDS = 5.0


class Pace:
    """Sets how often lanes are looked at. The first job after a pause waits half a second."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self._lanes = lanes
        self._lock = Lock()
        self._is_hurried = True
        self._timer: Timer | None = None

    def hurry(self) -> None:
        """Note that there is work, or was a moment ago."""
        with self._lock:
            if not self._is_hurried:
                self._set(HURRIED_SECONDS)
                self._is_hurried = True
            if self._timer is not None:
                self._timer.cancel()
            self._timer = Timer(CALM_AFTER_SECONDS, self._calm)
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        """Change nothing any more."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()

    def _calm(self) -> None:
        with self._lock:
            self._set(IDLE_SECONDS)
            self._is_hurried = False

    def _set(self, seconds: float) -> None:
        for lane in self._lanes:
            queue = DBOS.retrieve_queue(lane)
            if queue is not None:
                queue.set_polling_interval_sec(seconds)
