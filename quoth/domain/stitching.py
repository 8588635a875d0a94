"""Joining the words of windows again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from math import inf

from quoth.domain.audio import Interval
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window

_TOLERANCE = 0.5
"""Seconds by which two windows may disagree about when the same word begins."""


def stitch(windows: Sequence[Window], words_per_window: Iterable[Sequence[Word]]) -> list[Word]:
    """Join the words of windows into one list; see `settle`, which gives them bit by bit."""
    return list(chain.from_iterable(settle(windows, words_per_window)))


def settle(
    windows: Sequence[Window], words_per_window: Iterable[Sequence[Word]]
) -> Iterator[list[Word]]:
    """Join the words of windows, and give after each window those that no later one can change.

    Where two windows overlap both have heard the same words, whole or cut. The two lists are
    aligned there by text and time, and the second takes over after the matched word nearest to
    the middle of the overlap, where both windows have heard enough around it. Without a match
    it takes over at the middle. So words wait until the next window has been heard only if they
    reach into it.

    Args:
        windows: in order of start.
        words_per_window: the words of each, in order, times relative to the window; taken once,
            one after the other.

    Yields:
        For each window the words that are settled by it, which may be none; all together are in
        order of start, with times in seconds of the whole.
    """
    pending: list[Word] = []
    heard_until, last = 0.0, None
    next_starts = [*(window.interval.start for window in windows), inf][1 : len(windows) + 1]
    for window, relative, next_start in zip(windows, words_per_window, next_starts, strict=True):
        words = [_shifted(word, window.interval.start) for word in relative]
        if pending and window.interval.start < heard_until:
            overlap = Interval(window.interval.start, heard_until)
            keep, drop = _takeover(pending, words, overlap)
            del pending[keep:]
            words = words[drop:]
        pending += words
        heard_until = max(heard_until, window.interval.end)
        count = next((i for i, word in enumerate(pending) if word.end >= next_start), len(pending))
        settled = _in_order(pending[:count], last)
        del pending[:count]
        last = settled[-1] if settled else last
        yield settled


def _takeover(left: Sequence[Word], right: Sequence[Word], overlap: Interval) -> tuple[int, int]:
    """Return how many words of the left list stay and how many of the right list go."""
    middle = (overlap.start + overlap.end) / 2
    first = next((i for i, word in enumerate(left) if word.end >= overlap.start), len(left))
    last = next((j for j, word in enumerate(right) if word.start > overlap.end), len(right))
    matches = _aligned(left[first:], right[:last])
    if matches:
        i, j = min(matches, key=lambda match: abs(_centre(left[first + match[0]]) - middle))
        return first + i + 1, j + 1
    keep = next((i for i in range(first, len(left)) if _centre(left[i]) >= middle), len(left))
    taken_until = left[keep - 1].end if keep else 0.0
    drop = next((j for j, word in enumerate(right) if _centre(word) > taken_until), len(right))
    return keep, drop


def _aligned(left: Sequence[Word], right: Sequence[Word]) -> list[tuple[int, int]]:
    """Align two lists that heard the same: pairs of equal words, in order, as near as they can be.

    A longest common subsequence in which a pair counts less the further apart its times are.
    """
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            matched = _likeness(left[i], right[j])
            paired = matched + best[i + 1][j + 1] if matched else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs = []
    i = j = 0
    while i < len(left) and j < len(right) and best[i][j]:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def _likeness(left: Word, right: Word) -> float:
    """Return 0 for different words or times, else from 0.5 up to 1 for the same start."""
    apart = abs(left.start - right.start)
    if apart > _TOLERANCE or _normalised(left.text) != _normalised(right.text):
        return 0.0
    return 1 - apart / _TOLERANCE / 2


def _normalised(text: str) -> str:
    kept = "".join(character for character in text.casefold() if character.isalnum())
    return kept or text


def _centre(word: Word) -> float:
    return (word.start + word.end) / 2


def _shifted(word: Word, offset: float) -> Word:
    return replace(word, start=word.start + offset, end=word.end + offset)


def _in_order(words: Sequence[Word], before: Word | None) -> list[Word]:
    """Let no word start before the one spoken before it."""
    ordered: list[Word] = []
    earliest = before.start if before else 0.0
    for word in words:
        earliest = max(earliest, word.start)
        is_late = word.start < earliest
        end = max(earliest, word.end)
        ordered.append(replace(word, start=earliest, end=end) if is_late else word)
    return ordered
