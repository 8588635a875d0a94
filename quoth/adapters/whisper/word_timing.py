"""Words with times, from the alignment of text tokens to sound."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from faster_whisper.transcribe import merge_punctuations

from quoth.domain.audio import Interval
from quoth.domain.transcript import UNSPACED_LANGUAGES, Word

_OPENING = "\"'“¿([{-"
_CLOSING = "\"'.,!?:)]}\u201d\u3001\u3002\uff0c\uff01\uff1f\uff1a"
_LONG_PAUSE = 0.3


def aligned_words(
    alignment: list[dict[str, Any]], duration: float, language: str = "en"
) -> list[Word]:
    """Return the words of one window, punctuation attached, with times inside it.

    Args:
        alignment: dicts of word, tokens, start, end, probability, as the aligner finds them.
        duration: seconds of the window.
        language: of the words; where it has spaces, what follows without one is the same word.
    """
    merge_punctuations(alignment, _OPENING, _CLOSING)
    has_spaces = language not in UNSPACED_LANGUAGES
    words: list[Word] = []
    for entry in alignment:
        text = str(entry["word"]).strip()
        if not text or "\ufffd" in text:
            continue
        if not any(character.isalnum() for character in text):
            if words:
                words[-1] = replace(words[-1], text=words[-1].text + text)
            continue
        if words and has_spaces and not str(entry["word"])[0].isspace():
            end = min(max(float(entry["end"]), words[-1].end), duration)
            words[-1] = replace(words[-1], text=words[-1].text + text, end=end)
            continue
        start = min(max(float(entry["start"]), words[-1].start if words else 0.0), duration)
        end = min(max(float(entry["end"]), start), duration)
        confidence = min(max(float(entry["probability"]), 0.0), 1.0)
        words.append(Word(text, start, end, confidence))
    return words


def without_pauses(words: Sequence[Word], speech: Sequence[Interval] | None) -> list[Word]:
    """Shorten words that the alignment stretched over a pause to the speech they overlap most.

    Args:
        words: times on the same clock as `speech`.
        speech: where somebody speaks, in order; None where nobody looked.
    """
    stretches = _joined(speech or ())
    shortened = []
    for word in words:
        heard = Interval(word.start, word.end)
        stretch = max(stretches, key=heard.overlap, default=heard)
        if heard.overlap(stretch):
            start, end = max(word.start, stretch.start), min(word.end, stretch.end)
            shortened.append(replace(word, start=start, end=end))
        else:
            shortened.append(word)
    return shortened


def _joined(speech: Sequence[Interval]) -> list[Interval]:
    """Join stretches with no long pause between them, and give each half of such a pause."""
    joined: list[Interval] = []
    for stretch in speech:
        if joined and stretch.start - joined[-1].end < _LONG_PAUSE:
            joined[-1] = Interval(joined[-1].start, stretch.end)
        else:
            joined.append(stretch)
    margin = _LONG_PAUSE / 2
    return [Interval(max(0.0, s.start - margin), s.end + margin) for s in joined]
