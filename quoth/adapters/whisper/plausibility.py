"""Telling recognised speech from text that Whisper invents over silence, noise and in loops.

Invented text betrays itself: the decoder doubts that anybody speaks, repeats itself, says more than
a mouth can, or finds no place in the sound for its words, so that they share one instant or
stretch over many seconds. None of the guards knows a phrase by name.
"""

import zlib
from collections.abc import Sequence
from itertools import groupby

from quoth.domain.audio import Interval
from quoth.domain.transcript import Word

NO_SPEECH = 0.6
"""Probability of the no-speech token above which the decoder doubts (Radford et al. 2022, 4.5)."""
LOW_LOG_PROBABILITY = -1.0
"""Mean log probability of a token below which the decoder guesses (same source)."""
REPETITIVE = 2.4
"""Ratio of text to its compressed size above which the text goes round in circles (same source)."""
_FASTEST_SPEECH = 7.0
"""Words in a second of a hurried speaker; nobody keeps up more for seconds on end."""
_FEWEST_TO_COUNT = 8
_INSTANT = 0.02
_BUNCH = 3
_LONGEST_WORD = 2.5
_IMPROBABLE = 0.3
_FAR_FROM_SPEECH = 0.5
_LOOP_TURNS = 3
_LOOP_WORDS = 6


def is_silence(no_speech: float, log_probability: float) -> bool:
    """Return whether the decoder itself doubts that anybody speaks and is unsure of its text."""
    return no_speech > NO_SPEECH and log_probability < LOW_LOG_PROBABILITY


def compression_ratio(text: str) -> float:
    """Return how many times smaller zlib makes the text: above 2.4 it repeats itself."""
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded)) if encoded else 0.0


def loop_start(texts: Sequence[str]) -> int | None:
    """Return the index after the first turn of a loop at the end of the words, None without one.

    A loop is a run of words said `_LOOP_TURNS` times or more in a row to the end, at least
    `_LOOP_WORDS` words in all: "no, no, no" is speech, twelve times "thank you" is not.
    """
    said = [text.casefold().strip(".,!?;: ") for text in texts]
    for size in range(1, len(said) // _LOOP_TURNS + 1):
        matched = 0
        while matched + size < len(said) and said[-1 - matched] == said[-1 - matched - size]:
            matched += 1
        length = matched + size
        if length >= max(_LOOP_WORDS, _LOOP_TURNS * size):
            return len(said) - length + size
    return None


def is_too_fast(count: int, seconds: float) -> bool:
    """Return whether nobody can say so many words in the time."""
    return count >= _FEWEST_TO_COUNT and count > _FASTEST_SPEECH * max(seconds, 1.0)


def has_place_in_sound(words: Sequence[Word]) -> bool:
    """Return whether the alignment found a place in the sound for the words.

    Words nobody said share one instant, or one stretches over seconds without being certain.
    """
    instants = sum(word.end - word.start <= _INSTANT for word in words)
    stretched = [word for word in words if word.end - word.start > _LONGEST_WORD]
    if 2 * instants >= max(len(words), 2):
        return False
    if len(stretched) == len(words):
        return False
    return not (
        2 * len(stretched) >= len(words)
        and all((word.confidence or 0.0) < _IMPROBABLE for word in stretched)
    )


def without_bunches(words: Sequence[Word]) -> list[Word]:
    """Drop runs of words that share one instant, as text invented past the end of speech does."""
    kept: list[Word] = []
    for is_instant, run in groupby(words, key=lambda word: word.end - word.start <= _INSTANT):
        bunch = list(run)
        if not is_instant or len(bunch) < _BUNCH:
            kept += bunch
    return kept


def within_speech(words: Sequence[Word], speech: Sequence[Interval] | None) -> list[Word]:
    """Drop words that lie clear of all speech, in seconds of the same clock; None drops nothing.

    A word the recogniser is sure of stays wherever it is: the detector misses some speech.
    """
    if speech is None:
        return list(words)
    return [
        word
        for word in words
        if (word.confidence or 0.0) >= _IMPROBABLE
        or any(
            word.start < stretch.end + _FAR_FROM_SPEECH
            and word.end > stretch.start - _FAR_FROM_SPEECH
            for stretch in speech
        )
    ]
