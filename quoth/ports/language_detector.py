"""Telling which language is spoken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from quoth.domain.audio import Waveform
from quoth.domain.windowing import Window
from quoth.ports.progress import Progress


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """The likeliest language (ISO 639-1) and its probability in [0, 1]."""

    language: str
    probability: float


class LanguageDetector(Protocol):
    """Tells which language is spoken."""

    def detect_language(
        self,
        waveform: Waveform,
        windows: Sequence[Window],
        progress: Progress,
        candidates: Sequence[str] = (),
    ) -> LanguageGuess | None:
        """Return the language most of the windows are in, None where there is no window.

        With candidates it is one of them, and its probability is among them.

        Raises:
            Cancelled: if `progress` raised it.
        """
