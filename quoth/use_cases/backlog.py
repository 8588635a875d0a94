"""How much may wait: what is too much is turned away before it is taken in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quoth.domain.job_errors import QueueFull
from quoth.ports.jobs import Load

BYTES_PER_SECOND = 16_000
"""Of a recording that does not say how long it is: 128 kbit/s."""
USUAL_SPEED = 10.0
"""Seconds of audio done in a second, where nothing was measured yet."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits and runs, and how much of it there may be.

    Args:
        load: gives what waits and runs.
        most_seconds: of audio that wait or run; one recording is always taken.
        speed: gives the seconds of audio done in a second, as measured, None if nothing was.
        stated_duration: gives the seconds a recording says it has.
    """

    load: Callable[[], Load]
    most_seconds: float
    speed: Callable[[], float | None]
    stated_duration: Callable[[Path], float | None]

    def seconds_of(self, recording: Path) -> float:
        """Return about how many seconds a recording has."""
        stated = self.stated_duration(recording)
        return stated or recording.stat().st_size / BYTES_PER_SECOND

    def room_for(self, recording: Path) -> float:
        """Return about how many seconds a recording has.

        Raises:
            QueueFull: if there is no room for them.
        """
        seconds = self.seconds_of(recording)
        self.refuse_if_full(seconds)
        return seconds

    def refuse_if_full(self, seconds: float = 0.0) -> None:
        """Turn a request away, if need be before its body is read.

        Raises:
            QueueFull: if there is no room for so many seconds of audio.
        """
        load = self.load()
        over = load.seconds + seconds - self.most_seconds
        if over <= 0 or not load.queued + load.running:
            return
        speed = self.speed() or USUAL_SPEED
        # One recording is always taken when nothing else waits, however long it is.
        raise QueueFull(load.seconds, max(1, round(min(over, load.seconds) / speed)))
