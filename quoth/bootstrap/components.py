"""What the inference process is made of: built there, by name, when first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from quoth.adapters.whisper.settings import WhisperSettings

if TYPE_CHECKING:
    from quoth.adapters.whisper.transcription import WhisperTranscriber

TRANSCRIBER = "transcriber"
LANGUAGE_DETECTOR = "language detector"
SPEECH_DETECTOR = "speech detector"
DIARIZER = "diarizer"


@dataclass(frozen=True, slots=True)
class WhisperPlan:
    """How to load Whisper: a folder, a name, a device, a precision, and how to run it."""

    model: Path
    name: str
    device: str
    compute_type: str
    threads: int
    workers: int
    settings: WhisperSettings


@dataclass(frozen=True, slots=True)
class DiarizerPlan:
    """How to load the ONNX diarizer, and its settings."""

    threshold: float
    step: float
    min_cluster_size: int
    threads: int


@dataclass(frozen=True)
class Components:
    """Builds components by name; a plain value, so that it can be sent to the process.

    Heavy libraries are imported when the first component that needs them is built.
    """

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
            TRANSCRIBER: self._transcriber,
            LANGUAGE_DETECTOR: lambda: self._whisper,
            SPEECH_DETECTOR: self._speech_detector,
            DIARIZER: self._diarizer,
        }
        return builders[name]()

    @cached_property
    def _whisper(self) -> "WhisperTranscriber":
        from quoth.adapters.whisper.transcription import WhisperTranscriber  # noqa: PLC0415

        plan = self.whisper
        return WhisperTranscriber(
            plan.model,
            plan.name,
            device=plan.device,
            compute_type=plan.compute_type,
            threads=plan.threads,
            workers=plan.workers,
            settings=plan.settings,
        )

    def _transcriber(self) -> object:
        from quoth.adapters.process.lane import LaneTranscriber  # noqa: PLC0415

        return LaneTranscriber(self._whisper)

    def _speech_detector(self) -> object:
        from faster_whisper.utils import get_assets_path  # noqa: PLC0415

        from quoth.adapters.onnx.speech_detection import (  # noqa: PLC0415
            OnnxSpeechDetector,
            SpeechDetectorSettings,
        )

        model = Path(get_assets_path()) / "silero_vad_v6.onnx"
        return OnnxSpeechDetector(model, SpeechDetectorSettings(threshold=self.vad_threshold))

    def _diarizer(self) -> object:
        import quoth_weights  # noqa: PLC0415

        from quoth.adapters.onnx.diarization import (  # noqa: PLC0415
            OnnxDiarizer,
            OnnxDiarizerSettings,
        )

        return OnnxDiarizer(
            quoth_weights.directory("segmentation-3.0") / "model.onnx",
            quoth_weights.directory("campplus") / "model.onnx",
            OnnxDiarizerSettings(
                threshold=self.diarizer.threshold,
                step=self.diarizer.step,
                min_cluster_size=self.diarizer.min_cluster_size,
            ),
            threads=self.diarizer.threads,
        )
