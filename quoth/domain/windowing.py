"""Cutting long audio into windows an engine can take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil, inf

from quoth.domain.audio import Interval


@dataclass(frozen=True, slots=True)
class Window:
    """A cut of long audio sent to an engine.

    Args:
        interval: the audio the engine hears, in seconds of the whole.
        speech: where in it somebody speaks, in seconds of the whole; None where nobody looked.
    """

    interval: Interval
    speech: tuple[Interval, ...] | None = None


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """How windows are cut.

    Args:
        longest: seconds of a window at most, what the engine takes.
        padding: seconds of audio kept before and after speech where there is a pause.
        longest_pause: seconds; a longer pause always ends a window.
        clear_pause: seconds from which a pause is as good a place to cut as any.
        overlap: seconds that two windows share where speech has to be cut without a pause.

    Raises:
        ValueError: if a window could hold no speech beside its padding and overlap.
    """

    longest: float = 30.0
    padding: float = 0.3
    longest_pause: float = 2.0
    clear_pause: float = 0.5
    overlap: float = 2.0

    def __post_init__(self) -> None:
        if min(self.padding, self.longest_pause, self.clear_pause, self.overlap) < 0:
            raise ValueError("window limits are not negative")
        if self.longest_speech <= 2 * self.overlap:
            raise ValueError(f"windows of {self.longest} s have no room for speech")

    @property
    def longest_speech(self) -> float:
        """Seconds between the first and the last speech of a window, at most."""
        return self.longest - 2 * self.padding


def plan_windows(speech: Sequence[Interval], duration: float, limits: WindowLimits) -> list[Window]:
    """Cut audio into as few windows as the pauses allow, at its longest pauses.

    Two windows share audio only where speech goes on without a pause for longer than a window:
    there they overlap by `limits.overlap`.

    Args:
        speech: stretches with speech, in order, apart from one another.
        duration: seconds of audio.
        limits: how windows are cut.

    Returns:
        Windows in order, none longer than `limits.longest`, which hold all speech together.
    """
    pieces = [piece for stretch in speech for piece in _pieces(stretch, limits)]
    bounds = _cheapest_cuts(pieces, limits)
    return [
        _window(pieces, first, last, duration, limits.padding) for first, last in pairwise(bounds)
    ]


def stretches(windows: Sequence[Window], duration: float | None) -> Iterator[list[Window]]:
    """Yield the windows that start in the same stretch of so many seconds, None for all of them."""
    if duration is None:
        if windows:
            yield list(windows)
        return
    for _, together in groupby(windows, key=lambda window: window.interval.start // duration):
        yield list(together)


def growing_groups(windows: Sequence[Window], most_seconds: float) -> Iterator[list[Window]]:
    """Yield the windows in groups for somebody who waits for the first words.

    The first is one window; each further group has about as much audio as all before it, and at
    most so many seconds, but for a single window that is longer.
    """
    group: list[Window] = []
    seconds = heard = 0.0
    for window in windows:
        if group and seconds + window.interval.duration > min(heard, most_seconds):
            yield group
            heard += seconds
            group, seconds = [], 0.0
        group.append(window)
        seconds += window.interval.duration
    if group:
        yield group


def _pieces(stretch: Interval, limits: WindowLimits) -> list[Interval]:
    """Cut speech that is too long for one window into equal pieces that overlap."""
    if stretch.duration <= limits.longest_speech:
        return [stretch]
    overlap = limits.overlap
    count = ceil((stretch.duration - overlap) / (limits.longest_speech - overlap))
    step = (stretch.duration - overlap) / count
    starts = [stretch.start + index * step for index in range(count)]
    return [Interval(start, min(start + step + overlap, stretch.end)) for start in starts]


def _cheapest_cuts(pieces: Sequence[Interval], limits: WindowLimits) -> list[int]:
    """Choose where windows begin by dynamic programming.

    A window costs 1, and a cut up to 1 more the shorter its pause is. Returns the index of the
    first piece of each window, then the number of pieces.
    """
    cost = [0.0] + [inf] * len(pieces)
    begins = [0] * (len(pieces) + 1)
    for last in range(1, len(pieces) + 1):
        for first in range(last - 1, -1, -1):
            if pieces[last - 1].end - pieces[first].start > limits.longest_speech:
                break
            total = cost[first] + 1 + _cut_cost(pieces, first, limits.clear_pause)
            if total < cost[last]:
                cost[last], begins[last] = total, first
            if first and pieces[first].start - pieces[first - 1].end > limits.longest_pause:
                break
    bounds = [len(pieces)]
    while bounds[-1]:
        bounds.append(begins[bounds[-1]])
    return bounds[::-1]


def _cut_cost(pieces: Sequence[Interval], first: int, clear_pause: float) -> float:
    if not first or not clear_pause:
        return 0.0
    pause = pieces[first].start - pieces[first - 1].end
    return min(1.0, max(0.0, 1 - pause / clear_pause))


def _window(
    pieces: Sequence[Interval], first: int, last: int, duration: float, padding: float
) -> Window:
    """Pad the pieces `[first, last)`, at most to the middle of the pauses around them."""
    inside = pieces[first:last]
    before = inside[0].start - (pieces[first - 1].end if first else -inside[0].start)
    after = (pieces[last].start if last < len(pieces) else inf) - inside[-1].end
    start = inside[0].start - min(padding, max(0.0, before / 2))
    end = inside[-1].end + min(padding, max(0.0, after / 2))
    return Window(Interval(max(0.0, start), max(inside[-1].end, min(end, duration))), tuple(inside))
