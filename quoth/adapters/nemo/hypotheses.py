"""From what NeMo's decoders give to words inside their window."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from quoth.domain.transcript import Word

_MARKS = frozenset(".,!?;:\N{HORIZONTAL ELLIPSIS}\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH COMMA}")

"""What belongs to the word before it where a tokenizer makes it a word of its own."""
_UNKNOWN = "\N{DOUBLE QUESTION MARK}"
"""How SentencePiece writes a token that stands for nothing it knows."""


class Hypothesis(Protocol):
    """What NeMo's `Hypothesis` has that is used here.

    `timestamp["word"]` has, for each word, its text and the frames `[start_offset, end_offset)`;
    `word_confidence` a probability for each, as a tensor or a float.
    """

    timestamp: Any
    word_confidence: Sequence[Any] | None


def words_of(hypothesis: Hypothesis, frame: float, duration: float) -> list[Word]:
    """Return the words of a hypothesis in order of start, times in seconds of its window.

    Args:
        hypothesis: with time stamps.
        frame: seconds from one output of the encoder to the next.
        duration: seconds of the window; what lies in the padding behind it was not said.
    """
    stamps = _stamps(hypothesis.timestamp)
    confidences = _confidences(hypothesis.word_confidence, len(stamps))
    words: list[Word] = []
    for stamp, confidence in zip(stamps, confidences, strict=True):
        text = str(stamp["word"]).strip()
        start, end = stamp["start_offset"] * frame, stamp["end_offset"] * frame
        if not text or text == _UNKNOWN or start >= duration:
            continue
        if set(text) <= _MARKS:
            words[-1:] = [replace(word, text=word.text + text) for word in words[-1:]]
            continue
        start = max(start, words[-1].start if words else 0.0)
        end = min(max(start, end), duration)
        words.append(Word(text, start, end, confidence))
    return words


def _stamps(timestamp: object) -> Sequence[Mapping[str, Any]]:
    found = timestamp.get("word") if isinstance(timestamp, Mapping) else None
    return found or ()


def _confidences(given: Sequence[Any] | None, count: int) -> list[float | None]:
    """Return a confidence in [0, 1] for each word, None for all where NeMo counts words otherwise.

    It splits the running text at spaces for confidences, and tokens for times.
    """
    if given is None or len(given) != count:
        return [None] * count
    return [min(1.0, max(0.0, float(each))) for each in given]
