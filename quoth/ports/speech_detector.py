"""Telling speech from everything else."""

from dataclasses import dataclass
from typing import Protocol

from quoth.domain.audio import Interval, Waveform
from quoth.ports.progress import Progress


@dataclass(frozen=True, slots=True)
class SpeechCriteria:
    """What a caller wants to be taken for speech; None leaves it to the detector.

    Args:
        threshold: probability in (0, 1] from which sound is speech.
        min_silence: seconds; shorter pauses belong to the speech around them.
    """

    threshold: float | None = None
    min_silence: float | None = None


USUAL_SPEECH = SpeechCriteria()


class SpeechDetector(Protocol):
    """Tells where somebody speaks."""

    def detect_speech(
        self, waveform: Waveform, progress: Progress, criteria: SpeechCriteria = USUAL_SPEECH
    ) -> list[Interval]:
        """Return the stretches with speech, in order, not touching, unpadded.

        Raises:
            Cancelled: if `progress` raised it.
        """
