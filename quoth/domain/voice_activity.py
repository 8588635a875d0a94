"""When somebody begins and stops speaking, decided while they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from quoth.domain.audio import SAMPLE_RATE

FRAME_SAMPLES = 512
"""Samples of a frame that is judged: 32 ms."""
HYSTERESIS = 0.15
"""How far below the threshold the probability falls before sound is silence."""
LEAST_SPEECH_FRAMES = 3
"""Loud frames in a row that are speech: what is shorter is a click."""


@dataclass(frozen=True, slots=True)
class TurnDetection:
    """When a turn begins and ends.

    Args:
        threshold: probability in [0, 1] from which a frame is speech.
        prefix_padding_ms: sound before it that belongs to a turn.
        silence_duration_ms: silence that ends a turn.
    """

    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Somebody began to speak at this sample of all that came in."""

    sample: int


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """Nobody has spoken for as long as ends a turn, which is until this sample.

    `quiet_from` is where the silence began.
    """

    sample: int
    quiet_from: int | None = None


class VoiceActivity:
    """Tells beginnings and ends from the probability of each frame, as they come in.

    Args:
        first_sample: of the first frame.
    """

    def __init__(self, first_sample: int = 0) -> None:
        self._sample = first_sample
        self._loud = 0
        self._quiet = 0
        self._quiet_from: int | None = None
        self.is_speech = False

    @property
    def quiet_from(self) -> int | None:
        """Since which sample a turn that goes on is silent; None while somebody speaks, or none."""
        return self._quiet_from if self.is_speech else None

    def advance(
        self, probabilities: Sequence[float], turns: TurnDetection
    ) -> list[SpeechBegan | SpeechEnded]:
        """Take the probabilities of the next frames; return what they change, in order."""
        found: list[SpeechBegan | SpeechEnded] = []
        silence = turns.silence_duration_ms * SAMPLE_RATE // 1000
        for probability in probabilities:
            self._sample += FRAME_SAMPLES
            if probability >= turns.threshold:
                self._loud, self._quiet, self._quiet_from = self._loud + 1, 0, None
            elif probability < turns.threshold - HYSTERESIS or not self.is_speech:
                if self._quiet_from is None:
                    self._quiet_from = self._sample - FRAME_SAMPLES
                self._loud, self._quiet = 0, self._quiet + FRAME_SAMPLES
            if not self.is_speech and self._loud >= LEAST_SPEECH_FRAMES:
                self.is_speech = True
                found.append(SpeechBegan(self._sample - self._loud * FRAME_SAMPLES))
            elif self.is_speech and self._quiet >= max(silence, FRAME_SAMPLES):
                self.is_speech = False
                found.append(SpeechEnded(self._sample, self._quiet_from))
        return found

    def rest(self) -> None:
        """Take whoever speaks for silent until they are heard again."""
        self.is_speech, self._loud, self._quiet, self._quiet_from = False, 0, 0, None
