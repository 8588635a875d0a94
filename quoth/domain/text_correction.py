"""Other words in the time of those that were misheard."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from unicodedata import category

from quoth.domain.audio import Interval
from quoth.domain.edit_errors import TooMuchToCorrect
from quoth.domain.transcript import UNSPACED_LANGUAGES, Word

MOST_WORDS = 1000
"""Of one correction, before and after it: aligning takes time that grows with their product."""

_INSERTED_SECONDS = 0.4
"""The most that a word gets which was not heard at all; pauses are longer than words."""


def correct_words(
    words: Sequence[Word], text: str, language: str | None, room: Interval
) -> list[Word]:
    """Return the words of a corrected text; those that were there before are the same words.

    Words that took the place of others have their times, one by one where they are as many, else
    by length; their speaker is the one who spoke then and their confidence is None. Words put
    between others that stay get what pause there is, up to 0.4 s each.

    Args:
        words: what was heard, one or more, in order.
        text: what was said instead, blank for nothing.
        language: ISO 639-1 code, which says whether spaces part words.
        room: from the end of the word before to the start of the word after.

    Raises:
        TooMuchToCorrect: if there are too many words.
    """
    if not text.strip():
        return []
    heard = [(unit, at) for at, word in enumerate(words) for unit in _units(word.text, language)]
    said = _units(text, language)
    if max(len(heard), len(said)) > MOST_WORDS:
        raise TooMuchToCorrect(MOST_WORDS)
    result: list[Word] = []
    first, spoken = 0, 0
    for at, start, stop in [*_kept(heard, said), (len(words), len(said), len(said))]:
        end = words[at].start if at < len(words) else room.end
        pause = Interval(result[-1].end if result else room.start, end)
        result += _instead(words[first:at], said[spoken:start], pause, result or words[at : at + 1])
        result += words[at : at + 1]
        first, spoken = at + 1, stop
    return result


def _units(text: str, language: str | None) -> list[str]:
    """Return what is aligned: words, or single characters where spaces do not part them."""
    if language not in UNSPACED_LANGUAGES:
        return text.split()
    return [unit for chunk in text.split() for unit in _characters(chunk)]


def _characters(chunk: str) -> Iterator[str]:
    """Yield characters with the marks that belong to them; Latin words and numbers stay whole."""
    unit = chunk[0]
    for character in chunk[1:]:
        is_word = character.isascii() and character.isalnum() and unit[-1].isascii()
        kind = category(character)
        closes = kind[0] == "M" or (kind[0] == "P" and kind not in _OPENING)
        if is_word or closes or category(unit[-1]) in _OPENING:
            unit += character
        else:
            yield unit
            unit = character
    yield unit


_OPENING = frozenset({"Ps", "Pi"})


def _kept(heard: Sequence[tuple[str, int]], said: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield each word that stays: its index, and the range of what was said that it is."""
    same = dict(_common([unit for unit, _ in heard], said))
    first = 0
    while first < len(heard):
        word, last = heard[first][1], first
        while last < len(heard) and heard[last][1] == word:
            last += 1
        found = [same[unit] for unit in range(first, last) if unit in same]
        if len(found) == last - first == found[-1] - found[0] + 1:
            yield word, found[0], found[-1] + 1
        first = last


def _common(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield index pairs of a longest common subsequence; the time is at most their product.

    (difflib's grows with the cube where words repeat, and a recogniser that hallucinates repeats.)
    """
    first = 0
    while first < min(len(left), len(right)) and left[first] == right[first]:
        yield first, first
        first += 1
    lengths = _lengths(left, right, first)
    row, column = first, first
    while row < len(left) and column < len(right):
        if left[row] == right[column]:
            yield row, column
            row, column = row + 1, column + 1
        elif lengths[row + 1 - first][column] >= lengths[row - first][column + 1]:
            row += 1
        else:
            column += 1


def _lengths(left: Sequence[str], right: Sequence[str], first: int) -> list[list[int]]:
    """Return how much `left` and `right` have in common from each row after `first`, and column."""
    table = [[0] * (len(right) + 1)]
    for unit in reversed(left[first:]):
        below = table[-1]
        row = below.copy()
        for column in range(len(right) - 1, first - 1, -1):
            if unit == right[column]:
                row[column] = below[column + 1] + 1
            elif row[column + 1] > row[column]:
                row[column] = row[column + 1]
        table.append(row)
    return table[::-1]


def _instead(
    heard: Sequence[Word], said: Sequence[str], pause: Interval, beside: Sequence[Word]
) -> list[Word]:
    """Return words for what was said where `heard` was heard, or in a pause where nothing was."""
    if not said:
        return []
    if len(heard) == len(said):
        return [
            replace(word, text=text, confidence=None)
            for word, text in zip(heard, said, strict=True)
        ]
    if heard:
        spread = _spread(said, Interval(heard[0].start, heard[-1].end))
        return [replace(word, speaker=_speaker_at(word, heard)) for word in spread]
    most = _INSERTED_SECONDS * len(said)
    is_after = beside[-1].end <= pause.start
    start = pause.start if is_after else max(pause.start, pause.end - most)
    end = min(pause.end, pause.start + most) if is_after else pause.end
    spread = _spread(said, Interval(start, end))
    return [replace(word, speaker=beside[-1].speaker) for word in spread]


def _spread(said: Sequence[str], interval: Interval) -> list[Word]:
    """Give each word a share of the interval by its length."""
    reached = list(accumulate((len(text) for text in said), initial=0))
    bounds = [
        min(interval.end, interval.start + interval.duration * share / reached[-1])
        for share in reached
    ]
    return [
        Word(text, start, end)
        for text, start, end in zip(said, bounds[:-1], bounds[1:], strict=True)
    ]


def _speaker_at(word: Word, heard: Sequence[Word]) -> str | None:
    middle = (word.start + word.end) / 2
    return next((one.speaker for one in heard if middle < one.end), heard[-1].speaker)
