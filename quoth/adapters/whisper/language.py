"""Which language is spoken, from what several windows say."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from quoth.domain.windowing import Window
from quoth.ports.language_detector import LanguageGuess


def telling_windows(windows: Sequence[Window], count: int) -> list[Window]:
    """Return the windows with most speech, the longest first."""
    return sorted(windows, key=_speech_seconds, reverse=True)[:count]


def likeliest_language(
    guesses: Iterable[tuple[float, Mapping[str, float]]], candidates: Collection[str] = ()
) -> LanguageGuess:
    """Return the language with the highest mean probability.

    Args:
        guesses: for each window the weight it has and the probability of each language.
        candidates: languages it can only be, none for any; the probability is among them.
    """
    total = 0.0
    sums: defaultdict[str, float] = defaultdict(float)
    for weight, probabilities in guesses:
        total += weight
        for language, probability in probabilities.items():
            sums[language] += weight * probability
    if candidates:
        total = sum(sums[name] for name in candidates)
    language = max(candidates or sums, key=lambda name: sums[name])
    return LanguageGuess(language, min(1.0, sums[language] / total) if total else 0.0)


def _speech_seconds(window: Window) -> float:
    if window.speech is None:
        return window.interval.duration
    return sum(stretch.duration for stretch in window.speech)
