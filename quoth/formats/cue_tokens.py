"""What cues are laid out from: words, and pieces of words too long for a line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from quoth.domain.sentences import ends_clause, ends_sentence
from quoth.domain.transcript import Segment, Word, join_words
from quoth.formats.cues import columns, milliseconds, one_line

_JOINT = re.compile(
    r"(?<=[-/._?&=\N{IDEOGRAPHIC COMMA}\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH COMMA}])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """Text that never breaks across lines.

    Args:
        text: what is shown.
        start_ms: when it is first heard.
        end_ms: when it has been heard; not before `start_ms`.
        has_space: whether a space parts it from the token before on the same line.
        continues_word: whether it is a later piece of a word too long for a line.
        ends_sentence: whether a sentence or the segment ends with it.
        ends_clause: whether a comma or its like stands after it.
    """

    text: str
    start_ms: int
    end_ms: int
    has_space: bool = True
    continues_word: bool = False
    ends_sentence: bool = False
    ends_clause: bool = False


def segment_tokens(segment: Segment, language: str | None, limit: int) -> list[Token]:
    """Return the words of a segment as tokens, none wider than `limit` columns."""
    found: list[Token] = []
    before: Word | None = None
    for word, following in zip(segment.words, [*segment.words[1:], None], strict=True):
        pieces = list(_pieces(word, limit))
        if pieces:
            has_space = before is None or _has_space_between(before, word, language)
            pieces[0] = replace(pieces[0], has_space=has_space)
            pieces[-1] = replace(
                pieces[-1],
                ends_sentence=following is None or ends_sentence(word, following),
                ends_clause=ends_clause(word),
            )
        found += pieces
        before = word
    return found


def _has_space_between(left: Word, right: Word, language: str | None) -> bool:
    return join_words((left, right), language) != left.text + right.text


def _pieces(word: Word, limit: int) -> Iterator[Token]:
    """Cut a word into pieces that fit, its time shared out by their widths."""
    text = one_line(word.text)
    start, end = milliseconds(word.start), milliseconds(word.end)
    whole, done = max(1, columns(text)), 0
    for part in text.split():
        for number, piece in enumerate(_fitting(part, limit)):
            first = start + (end - start) * done // whole
            done += columns(piece)
            last = start + (end - start) * done // whole
            yield Token(piece, first, last, has_space=number == 0, continues_word=number > 0)


def _fitting(text: str, limit: int) -> Iterator[str]:
    """Yield the text in pieces within `limit`, cut after punctuation where there is any."""
    if columns(text) <= limit:
        yield text
        return
    line = ""
    for part in _JOINT.split(text):
        for piece in _hard_cut(part, limit):
            if line and columns(line) + columns(piece) > limit:
                yield line
                line = ""
            line += piece
    if line:
        yield line


def _hard_cut(text: str, limit: int) -> Iterator[str]:
    line, width = "", 0
    for character in text:
        if line and width + columns(character) > limit:
            yield line
            line, width = "", 0
        line += character
        width += columns(character)
    if line:
        yield line
