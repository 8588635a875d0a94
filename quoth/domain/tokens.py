"""From sub-word tokens with times to words."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import exp
from typing import NamedTuple

from quoth.domain.transcript import Word

_SPACES = " \N{LOWER ONE EIGHTH BLOCK}"
"""How a token says that a word begins with it: SentencePiece's mark, or the space made of it."""
_UNSEEN = _SPACES + "".join(chr(each) for each in range(0x3001) if chr(each).isspace())
"""These and all white space that Unicode knows: a vocabulary may have a line's end in it."""
_MARKS = frozenset(".,!?;:\N{HORIZONTAL ELLIPSIS}\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH COMMA}")
"""What belongs to the word before it even where a token makes it a word of its own."""


class Token(NamedTuple):
    """One piece of a word.

    Args:
        text: with a leading space where a word begins.
        start: seconds in the window.
        end: seconds in the window.
        log_probability: natural logarithm, 0 or less; None where the model gave none.
    """

    text: str
    start: float
    end: float
    log_probability: float | None


def words_of(tokens: Sequence[Token], duration: float) -> list[Word]:
    """Join tokens to words, inside a window of so many seconds.

    A word starts with its first visible token and ends with its last that is spoken: a transducer
    tells a full stop when it is sure that the sentence is over, well after the last sound. Its
    confidence is that of its least sure spoken token.
    """
    words: list[Word] = []
    for pieces in _pieces(tokens):
        text = "".join(piece.text for piece in pieces).strip(_UNSEEN)
        if words and set(text) <= _MARKS:
            words[-1] = replace(words[-1], text=words[-1].text + text)
            continue
        spoken = [piece for piece in pieces if _is_spoken(piece.text)] or pieces
        start = min(pieces[0].start, duration)
        if words:
            start = max(start, words[-1].start)
        end = max(start, min(spoken[-1].end, duration))
        words.append(Word(text, start, end, _confidence(spoken)))
    return words


def begin_of_last_word(tokens: Sequence[Token]) -> int:
    """Return the index of the token that the last word begins with, 0 without any word.

    Tokens that follow later can change that word alone: those before it are what they are.
    """
    shown = ""
    for index in reversed(range(len(tokens))):
        shown = tokens[index].text.strip(_UNSEEN) + shown
        if tokens[index].text.startswith(tuple(_SPACES)) and not set(shown) <= _MARKS:
            return index
    return 0


def _pieces(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Group tokens by word; tokens that show nothing belong to none."""
    pieces: list[Token] = []
    for token in tokens:
        if token.text.startswith(tuple(_SPACES)) and pieces:
            yield pieces
            pieces = []
        if token.text.strip(_UNSEEN):
            pieces.append(token)
    if pieces:
        yield pieces


def _is_spoken(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _confidence(pieces: Sequence[Token]) -> float | None:
    known = [each.log_probability for each in pieces if each.log_probability is not None]
    return min(1.0, exp(min(known))) if known else None
