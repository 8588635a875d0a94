"""Telling speech from everything else."""

from typing import Protocol

from quoth.domain.audio import Interval, Waveform
from quoth.ports.progress import Progress


class SpeechDetector(Protocol):
    """Tells where somebody speaks."""

    def detect_speech(self, waveform: Waveform, progress: Progress) -> list[Interval]:
        """Return the stretches with speech, in order, not touching, unpadded.

        Raises:
            Cancelled: if `progress` raised it.
        """
