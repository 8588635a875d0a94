"""Which words a stretch of time means."""

from bisect import bisect_left
from collections.abc import Sequence

from quoth.domain.audio import Interval
from quoth.domain.edit_errors import NoWordsThere, OtherWordsThere
from quoth.domain.transcript import Word, join_words

_INSTANT = 0.002
"""Seconds of a word so short that times in milliseconds cannot say where its middle is."""
_ROUNDING = 0.001
"""Seconds by which such times are off at the most."""


def middle(word: Word) -> float:
    """Return the second at which half of a word is said: where a word is, for edits."""
    return (word.start + word.end) / 2


def words_in(words: Sequence[Word], interval: Interval) -> range:
    """Return the indices of the words whose middle is in an interval.

    So each word is in one of two intervals that touch, and rounded times mean the same words. A
    word without duration is in any interval that touches it: a paragraph that begins or ends with
    one has all its words.

    Args:
        words: in order, one after the other.
        interval: when.

    Raises:
        NoWordsThere: if there are none.
    """
    first = bisect_left(words, interval.start, key=middle)
    last = max(first, bisect_left(words, interval.end, key=middle))
    while first > 0 and _touches(words[first - 1], interval):
        first -= 1
    while last < len(words) and _touches(words[last], interval):
        last += 1
    if first == last:
        raise NoWordsThere(interval.start, interval.end)
    return range(first, last)


def words_that_were(
    words: Sequence[Word], interval: Interval, was: str, language: str | None
) -> range:
    """Return the indices of the words in an interval that read as they were read.

    Words without duration at its edges belong to it or to its neighbours: the text says which.

    Raises:
        NoWordsThere: if there are no words.
        OtherWordsThere: if they read otherwise.
    """
    there = words_in(words, interval)
    starts = _edge(words, list(there))
    stops = [index + 1 for index in _edge(words, list(reversed(there)))]
    for start in starts:
        for stop in stops:
            if _letters(words[start:stop]) == "".join(was.split()):
                return range(start, stop)
    raise OtherWordsThere(join_words(words[there.start : there.stop], language), was)


def _touches(word: Word, interval: Interval) -> bool:
    is_near = interval.start - _ROUNDING <= middle(word) <= interval.end + _ROUNDING
    return is_near and word.end - word.start < _INSTANT


def _edge(words: Sequence[Word], indices: Sequence[int]) -> list[int]:
    """Return the first index and those that it may be when words without duration are left out."""
    edge = []
    for index in indices:
        edge.append(index)
        if words[index].end - words[index].start >= _INSTANT:
            break
    return edge


def _letters(words: Sequence[Word]) -> str:
    return "".join("".join(word.text.split()) for word in words)
