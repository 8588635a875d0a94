"""Speech that the decoder passed over: it stops early now and then, or skips a sentence."""

from collections.abc import Sequence

from quoth.domain.audio import Interval
from quoth.domain.transcript import Word

_MARGIN = 0.2
_SHORTEST = 1.0
_JOINED = 0.5


def unheard_speech(words: Sequence[Word], speech: Sequence[Interval]) -> list[Interval]:
    """Return the stretches of speech, a second or longer, in which no word lies.

    Args:
        words: in order of start, times on the same clock as `speech`.
        speech: where somebody speaks, in order.
    """
    stretches: list[Interval] = []
    for uncovered in _uncovered(words, speech):
        if stretches and uncovered.start - stretches[-1].end < _JOINED:
            stretches[-1] = Interval(stretches[-1].start, uncovered.end)
        else:
            stretches.append(uncovered)
    return [stretch for stretch in stretches if stretch.duration >= _SHORTEST]


def with_unheard(words: Sequence[Word], heard: Sequence[Word], stretch: Interval) -> list[Word]:
    """Insert the words of a second hearing that lie in the stretch that was passed over."""
    inside = [word for word in heard if stretch.start <= (word.start + word.end) / 2 <= stretch.end]
    return sorted([*words, *inside], key=lambda word: word.start)


def _uncovered(words: Sequence[Word], speech: Sequence[Interval]) -> list[Interval]:
    pieces = []
    for stretch in speech:
        start = stretch.start
        for word in words:
            if word.end + _MARGIN <= start:
                continue
            if word.start - _MARGIN >= stretch.end:
                break
            if word.start - _MARGIN > start:
                pieces.append(Interval(start, word.start - _MARGIN))
            start = max(start, word.end + _MARGIN)
        if start < stretch.end:
            pieces.append(Interval(start, stretch.end))
    return pieces
