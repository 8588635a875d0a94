"""How to load each model: plain values that cross to the inference process and build there.

Heavy libraries are imported when something is built.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from quoth.adapters.nemo.model_files import NemoFiles
from quoth.adapters.nemo.settings import NemoSettings
from quoth.adapters.pyannote.model_files import PyannoteFiles
from quoth.adapters.sherpa.model_files import SherpaFiles
from quoth.adapters.sherpa.settings import SherpaSettings
from quoth.adapters.whisper.settings import WhisperSettings

if TYPE_CHECKING:
    from quoth.adapters.nemo.transcription import NemoTranscriber
    from quoth.adapters.onnx.diarization import OnnxDiarizer
    from quoth.adapters.pyannote.diarization import PyannoteDiarizer
    from quoth.adapters.sherpa.transcription import SherpaTranscriber
    from quoth.adapters.whisper.transcription import WhisperTranscriber


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

    def build(self) -> "WhisperTranscriber":
        """Load it.

        Raises:
            EngineUnavailable: if its weights or its device are not usable.
        """
        from quoth.adapters.whisper.transcription import WhisperTranscriber  # noqa: PLC0415

        return WhisperTranscriber(
            self.model,
            self.name,
            device=self.device,
            compute_type=self.compute_type,
            threads=self.threads,
            workers=self.workers,
            settings=self.settings,
        )


@dataclass(frozen=True, slots=True)
class SherpaPlan:
    """How to load a Parakeet for sherpa-onnx."""

    files: SherpaFiles
    device: str
    threads: int
    workers: int
    settings: SherpaSettings

    def build(self) -> "SherpaTranscriber":
        """Load it.

        Raises:
            EngineUnavailable: if its weights or its device are not usable.
        """
        from quoth.adapters.sherpa.transcription import SherpaTranscriber  # noqa: PLC0415

        return SherpaTranscriber(
            self.files,
            device=self.device,
            threads=self.threads,
            workers=self.workers,
            settings=self.settings,
        )


@dataclass(frozen=True, slots=True)
class NemoPlan:
    """How to load a NeMo model."""

    files: NemoFiles
    device: str
    threads: int
    settings: NemoSettings

    def build(self) -> "NemoTranscriber":
        """Load it.

        Raises:
            EngineUnavailable: if NeMo, the weights or the device are not usable.
        """
        from quoth.adapters.nemo.transcription import NemoTranscriber  # noqa: PLC0415

        return NemoTranscriber(
            self.files, device=self.device, threads=self.threads, settings=self.settings
        )


TranscriberPlan: TypeAlias = WhisperPlan | SherpaPlan | NemoPlan


@dataclass(frozen=True, slots=True)
class OnnxDiarizerPlan:
    """How to load the ONNX diarizer, and its settings."""

    threshold: float
    step: float
    min_cluster_size: int
    threads: int
    device: str = "cpu"
    arena_extend_strategy: str = "kSameAsRequested"

    def build(self) -> "OnnxDiarizer":
        """Load it.

        Raises:
            EngineUnavailable: if its weights are not usable.
        """
        import quoth_weights  # noqa: PLC0415

        from quoth.adapters.onnx.diarization import (  # noqa: PLC0415
            OnnxDiarizer,
            OnnxDiarizerSettings,
        )
        from quoth.adapters.onnx.sessions import providers_for  # noqa: PLC0415

        return OnnxDiarizer(
            quoth_weights.directory("segmentation-3.0") / "model.onnx",
            quoth_weights.directory("campplus") / "model.onnx",
            OnnxDiarizerSettings(
                threshold=self.threshold, step=self.step, min_cluster_size=self.min_cluster_size
            ),
            threads=self.threads,
            providers=providers_for(self.device, self.arena_extend_strategy),
        )


@dataclass(frozen=True, slots=True)
class PyannotePlan:
    """How to load a pipeline of pyannote.audio."""

    files: PyannoteFiles
    device: str

    def build(self) -> "PyannoteDiarizer":
        """Load it.

        Raises:
            EngineUnavailable: if pyannote.audio, the weights or the device are not usable.
        """
        from quoth.adapters.pyannote.diarization import PyannoteDiarizer  # noqa: PLC0415
        from quoth.adapters.pyannote.loading import load_pipeline  # noqa: PLC0415

        return PyannoteDiarizer(
            load_pipeline(self.files, self.device), self.files.name, self.device
        )


DiarizerPlan: TypeAlias = OnnxDiarizerPlan | PyannotePlan
