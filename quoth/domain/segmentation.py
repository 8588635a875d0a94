"""Words to lines: what a reader sees as one paragraph of a transcript."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

from quoth.domain.sentences import ends_clause, sentences
from quoth.domain.transcript import Segment, Word, join_words


@dataclass(frozen=True, slots=True)
class SegmentationSettings:
    """How long a line of a transcript is.

    Args:
        pause: seconds of silence that always begin a new segment.
        enough_seconds: a segment this long ends with its sentence.
        enough_characters: so does one of this many characters.
        most_seconds: a longer segment is cut at a sentence, or else inside one.
        most_characters: so is one of more characters; a wide (CJK) character counts as two.

    Raises:
        ValueError: if a number is not positive, or enough is more than the most.
    """

    pause: float = 1.2
    enough_seconds: float = 10.0
    enough_characters: int = 120
    most_seconds: float = 30.0
    most_characters: int = 250

    def __post_init__(self) -> None:
        if not (
            self.pause > 0
            and 0 < self.enough_seconds <= self.most_seconds
            and 0 < self.enough_characters <= self.most_characters
        ):
            raise ValueError(f"impossible segmentation settings: {self}")

    def is_enough(self, words: Sequence[Word]) -> bool:
        """Tell whether these words make a segment that may end with its sentence."""
        return _seconds(words) >= self.enough_seconds or _width(words) >= self.enough_characters

    def is_too_much(self, words: Sequence[Word]) -> bool:
        """Tell whether these words are more than one segment holds."""
        return len(words) > 1 and (
            _seconds(words) > self.most_seconds or _width(words) > self.most_characters
        )


DEFAULT_SEGMENTATION = SegmentationSettings()


def segment(
    words: Sequence[Word],
    language: str | None,
    settings: SegmentationSettings = DEFAULT_SEGMENTATION,
) -> tuple[Segment, ...]:
    """Group words into segments of one speaker that end with sentences where they can.

    A new segment begins where the speaker changes, after a pause, and after a sentence once the
    segment is long enough. A sentence is cut only when it is too long by itself, at the comma or
    pause that best divides it.

    Args:
        words: in order, with speakers.
        language: ISO 639-1 code, which says whether words are joined with spaces.
        settings: how long a segment is.

    Returns:
        Segments with ids 0, 1, ...; their words, put together, are `words`.
    """
    lines = (line for run in _runs(words, settings.pause) for line in _lines(run, settings))
    return tuple(
        Segment(index, line[0].speaker, tuple(line), join_words(line, language))
        for index, line in enumerate(lines)
    )


def _runs(words: Sequence[Word], pause: float) -> Iterator[Sequence[Word]]:
    first = 0
    for index, (left, right) in enumerate(pairwise(words), start=1):
        if left.speaker != right.speaker or right.start - left.end >= pause:
            yield words[first:index]
            first = index
    if words:
        yield words[first:]


def _lines(run: Sequence[Word], settings: SegmentationSettings) -> Iterator[Sequence[Word]]:
    first = 0
    for start, stop in sentences(run):
        if start > first and settings.is_too_much(run[first:stop]):
            yield run[first:start]
            first = start
        if settings.is_too_much(run[first:stop]):
            yield from _pieces(run[first:stop], settings)
            first = stop
        elif settings.is_enough(run[first:stop]):
            yield run[first:stop]
            first = stop
    if first < len(run):
        yield run[first:]


def _pieces(sentence: Sequence[Word], settings: SegmentationSettings) -> Iterator[Sequence[Word]]:
    if not settings.is_too_much(sentence):
        yield sentence
        return
    cut = _best_cut(sentence)
    yield from _pieces(sentence[:cut], settings)
    yield from _pieces(sentence[cut:], settings)


def _best_cut(sentence: Sequence[Word]) -> int:
    """Return where to cut: the longest pause of the middle half, a comma counting as one."""
    count = len(sentence)
    middle = range(max(1, count // 4), max(2, count - count // 4))

    def merit(cut: int) -> tuple[float, int]:
        left, right = sentence[cut - 1], sentence[cut]
        pause = max(0.0, right.start - left.end)
        return pause + _COMMA * ends_clause(left), -abs(2 * cut - count)

    return max(middle, key=merit)


_COMMA = 0.5
"""Seconds of pause that a comma is worth as a place to cut."""


def _seconds(words: Sequence[Word]) -> float:
    return words[-1].end - words[0].start


def _width(words: Sequence[Word]) -> int:
    characters = sum(
        1 + (east_asian_width(character) in "WF") for word in words for character in word.text
    )
    return characters + len(words) - 1
