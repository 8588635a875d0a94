"""What the inference process is made of: built there, by name, when first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quoth.bootstrap.plans import DiarizerPlan, TranscriberPlan, WhisperPlan

if TYPE_CHECKING:
    from quoth.adapters.whisper.transcription import WhisperTranscriber
    from quoth.ports.transcriber import Transcriber

TRANSCRIBER = "transcriber"
FALLBACK = "fallback transcriber"
LANGUAGE_DETECTOR = "language detector"
SPEECH_DETECTOR = "speech detector"
SPEECH_METER = "speech meter"
DIARIZER = "diarizer"


@dataclass(frozen=True)
class Components:
    """Builds components by name; a plain value, so that it can be sent to the process.

    Heavy libraries are imported when the first component that needs them is built.

    Args:
        transcriber: recognises words.
        whisper: tells the language, and recognises those that the transcriber lacks; loaded once
            where it is the transcriber itself.
        diarizer: tells speakers apart.
        vad_threshold: probability above which sound is speech.
    """

    transcriber: TranscriberPlan
    whisper: WhisperPlan
    diarizer: DiarizerPlan
    vad_threshold: float

    def __call__(self, name: str) -> object:
        """Build a component.

        Raises:
            EngineUnavailable: if its weights or its device are not usable.
            KeyError: if there is none of that name.
        """
        builders: dict[str, Callable[[], object]] = {
            TRANSCRIBER: lambda: _lane(self._transcriber),
            FALLBACK: lambda: _lane(self._whisper),
            LANGUAGE_DETECTOR: lambda: self._whisper,
            SPEECH_DETECTOR: self._speech_detector,
            SPEECH_METER: self._speech_meter,
            DIARIZER: self.diarizer.build,
        }
        return builders[name]()

    @cached_property
    def _whisper(self) -> "WhisperTranscriber":
        return self.whisper.build()

    @cached_property
    def _transcriber(self) -> "Transcriber":
        return self._whisper if self.transcriber == self.whisper else self.transcriber.build()

    def _speech_detector(self) -> object:
        from quoth.adapters.onnx.speech_detection import (  # noqa: PLC0415
            OnnxSpeechDetector,
            SpeechDetectorSettings,
        )

        settings = SpeechDetectorSettings(threshold=self.vad_threshold)
        return OnnxSpeechDetector(_silero(), settings)

    def _speech_meter(self) -> object:
        from quoth.adapters.onnx.speech_meter import OnnxSpeechMeter  # noqa: PLC0415

        return OnnxSpeechMeter(_silero())


def _silero() -> Path:
    from faster_whisper.utils import get_assets_path  # noqa: PLC0415

    return Path(get_assets_path()) / "silero_vad_v6.onnx"


def _lane(transcriber: "Transcriber") -> object:
    from quoth.adapters.process.lane import LaneTranscriber  # noqa: PLC0415

    return LaneTranscriber(transcriber)
