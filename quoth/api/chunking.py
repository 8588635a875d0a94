"""The field `chunking_strategy`: what the caller wants to be taken for speech.

Where windows are cut is the engine's business; the caller's numbers say where there is speech.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from quoth.ports.speech_detector import USUAL_SPEECH, SpeechCriteria


class ChunkingStrategy(BaseModel):
    """How speech is found: as usual (`auto`), or by numbers of the caller's (`server_vad`)."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["auto", "server_vad"]
    threshold: float | None = Field(
        default=None, gt=0, le=1, description="Probability from which sound is speech."
    )
    silence_duration_ms: int | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="Shorter pauses belong to the speech around them.",
    )
    prefix_padding_ms: int | None = Field(
        default=None,
        ge=0,
        le=2000,
        description="Sound kept before speech, and after it, where there is a pause.",
    )

    @property
    def speech(self) -> SpeechCriteria:
        """What to take for speech."""
        if self.type == "auto":
            return USUAL_SPEECH
        return SpeechCriteria(self.threshold, _seconds(self.silence_duration_ms))

    @property
    def padding(self) -> float | None:
        """Seconds of sound to keep before and after speech, None for what is usual."""
        return None if self.type == "auto" else _seconds(self.prefix_padding_ms)


def from_name(value: object) -> object:
    """Take a name for an object with that type."""
    return {"type": value} if isinstance(value, str) else value


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
