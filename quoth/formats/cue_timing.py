"""When cues appear and vanish."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quoth.formats.cues import Cue, columns, milliseconds


@dataclass(frozen=True, slots=True)
class CueTiming:
    """How long a cue stays.

    Args:
        shortest_ms: the least, where there is room before the next cue.
        longest_ms: the most.
        columns_per_second: the reading speed aimed at.
        comfortable_ms: what the next cue waits for, so that an interjection can be read.
        patience_ms: how long after it is heard a cue may wait for that.
        least_ms: what a cue keeps however many others crowd in on it.
    """

    shortest_ms: int = 1000
    longest_ms: int = 7000
    columns_per_second: float = 17.0
    comfortable_ms: int = 800
    patience_ms: int = 500
    least_ms: int = 200

    def wanted_ms(self, width: int) -> int:
        """Return the time it takes to read so many columns."""
        wanted = max(self.shortest_ms, round(1000 * width / self.columns_per_second))
        return min(wanted, self.longest_ms)


@dataclass(frozen=True, slots=True)
class Timed:
    """A cue to be: from when until when it is heard, and what it shows."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str | None


def settle(timed: Iterable[Timed], duration: float, timing: CueTiming) -> list[Cue]:
    """Give each cue its time: as it is heard, longer into silence, never over the next."""
    order = sorted(timed, key=lambda cue: cue.start_ms)
    starts = _starts(order, timing)
    cues = []
    for index, cue in enumerate(order):
        start = starts[index]
        width = sum(columns(line) for line in cue.lines)
        end = max(cue.end_ms, min(start + timing.wanted_ms(width), milliseconds(duration)))
        end = max(min(end, start + timing.longest_ms), start + timing.least_ms)
        if index + 1 < len(order):
            end = min(end, starts[index + 1])
        cues.append(Cue(start / 1000, end / 1000, cue.lines, cue.speaker))
    return cues


def _starts(order: Sequence[Timed], timing: CueTiming) -> list[int]:
    """Return when each starts: as it is heard, or a little later for the sake of the one before."""
    starts: list[int] = []
    for cue in order:
        start = cue.start_ms
        if starts:
            comfortable = min(starts[-1] + timing.comfortable_ms, start + timing.patience_ms)
            start = max(start, comfortable, starts[-1] + timing.least_ms)
        starts.append(start)
    return starts
