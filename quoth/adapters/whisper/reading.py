"""What the decoder made of a window, and whether to believe it."""

from dataclasses import dataclass, replace
from enum import Enum

from quoth.adapters.whisper.plausibility import (
    LOW_LOG_PROBABILITY,
    NO_SPEECH,
    REPETITIVE,
    compression_ratio,
    has_place_in_sound,
    is_silence,
    is_too_fast,
    loop_start,
)
from quoth.domain.transcript import Word

_SPEECH_WORTH_A_RETRY = 1.0


class Verdict(Enum):
    """What a reading is worth."""

    SOUND = "sound"
    DOUBTFUL = "doubtful"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Reading:
    """Words of one window with the decoder's own measure of them.

    Args:
        words: in order, times relative to the window.
        log_probability: mean over the tokens.
        no_speech: probability that nobody speaks.
        speech_seconds: how long somebody speaks, as far as known; else the window's length.
    """

    words: tuple[Word, ...]
    log_probability: float
    no_speech: float
    speech_seconds: float

    @property
    def verdict(self) -> Verdict:
        """Whether to believe it, to try again, or to drop it."""
        if self.no_speech > NO_SPEECH and not self.words:
            return Verdict.INVENTED
        if is_silence(self.no_speech, self.log_probability):
            return Verdict.INVENTED
        if self.words and not has_place_in_sound(self.words):
            return Verdict.INVENTED if self.no_speech > NO_SPEECH / 2 else Verdict.DOUBTFUL
        if not self.words:
            return self._of_nothing
        texts = [word.text for word in self.words]
        doubts = (
            self.log_probability < LOW_LOG_PROBABILITY,
            compression_ratio(" ".join(texts)) > REPETITIVE,
            loop_start(texts) is not None,
            is_too_fast(len(texts), self.speech_seconds),
        )
        return Verdict.DOUBTFUL if any(doubts) else Verdict.SOUND

    @property
    def _of_nothing(self) -> Verdict:
        heard = self.speech_seconds > _SPEECH_WORTH_A_RETRY
        return Verdict.DOUBTFUL if heard else Verdict.SOUND

    def salvaged(self) -> "Reading":
        """Return what can be kept of a reading that no retry made sound."""
        if not self.words or not has_place_in_sound(self.words):
            return replace(self, words=())
        end = loop_start([word.text for word in self.words])
        kept = self.words[:end]
        return replace(self, words=() if is_too_fast(len(kept), self.speech_seconds) else kept)


def best(readings: list[Reading]) -> Reading:
    """Return the first sound reading, else an empty one if any says so, else the most salvaged."""
    for reading in readings:
        if reading.verdict is Verdict.SOUND:
            return reading
        if reading.verdict is Verdict.INVENTED:
            return replace(reading, words=())
    salvaged = [reading.salvaged() for reading in readings]
    return max(salvaged, key=lambda reading: (bool(reading.words), reading.log_probability))
