"""The object graph of one installation: engines behind ports, use cases on top."""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock

from quoth.adapters.ffmpeg.decoding import FfmpegDecoder
from quoth.adapters.ffmpeg.programs import find_program
from quoth.adapters.process.engine import InferenceProcess
from quoth.adapters.process.life import Patience
from quoth.adapters.process.proxies import (
    ProcessDiarizer,
    ProcessLanguageDetector,
    ProcessSpeechDetector,
    ProcessTranscriber,
)
from quoth.adapters.storage.workspaces import Workspaces
from quoth.adapters.whisper.model_files import (
    PACKAGED,
    describe_whisper,
    find_whisper_model,
    installed_whisper_models,
)
from quoth.adapters.whisper.settings import WhisperSettings, settings_for
from quoth.bootstrap.components import (
    DIARIZER,
    LANGUAGE_DETECTOR,
    SPEECH_DETECTOR,
    TRANSCRIBER,
    Components,
    DiarizerPlan,
    WhisperPlan,
)
from quoth.bootstrap.machine import choose_device, count_cores, share_cores
from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable, UnknownModel
from quoth.ports.audio_decoder import DecodeLimits
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.transcriber import EngineInfo
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import Policy, TranscribeRecording

ENGINES = ("whisper",)
"""Those this version can run; `auto` takes the first."""
COMPUTE_TYPES = {"cpu": "int8", "cuda": "int8_float16"}


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in an inference process of its own, with what it is."""

    info: EngineInfo
    process: InferenceProcess


class Installation:
    """The models of one installation; fulfils what the HTTP service and the CLI need.

    The configured model lives in the inference process together with the diarizer. Another model
    that a request names gets a process of its own, which ends when it has been idle.

    Raises:
        EngineUnavailable: if the engine, model or device asked for is not there.
        MissingTool: if the decoder asked for is not there.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        if settings.engine not in ("auto", *ENGINES):
            raise EngineUnavailable(
                settings.engine,
                "this version of Quoth does not have it yet",
                f"Set ENGINE to {' or '.join(ENGINES)}, or leave it unset.",
            )
        self._decoder = FfmpegDecoder(find_program(settings.ffmpeg))
        self._device = choose_device(settings.asr_provider, "whisper")
        self._cores = share_cores(settings, count_cores())
        self._lock = Lock()
        self._models: dict[str, LoadedModel] = {}
        self._configured = self._load(settings.whisper_model)

    @property
    def default(self) -> EngineInfo:
        """The configured model."""
        return self._configured.info

    @property
    def diarizer(self) -> DiarizerInfo:
        """What tells speakers apart."""
        return DiarizerInfo("onnx", "segmentation-3.0 + campplus", "cpu")

    @property
    def is_loaded(self) -> bool:
        """Whether the inference process is there."""
        return self._configured.process.pid is not None

    @cached_property
    def workspaces(self) -> Workspaces:
        """Folders for work in progress."""
        return Workspaces(self.settings.quoth_data / "work")

    def installed(self) -> tuple[EngineInfo, ...]:
        """Return the models that can be asked for by name, the configured one first."""
        found = installed_whisper_models([self._models_folder])
        infos = [self._describe(each.path, each.name) for each in found]
        others = [info for info in infos if info.model != self.default.model]
        return (self.default, *others)

    def transcribe(self, model: str | None = None) -> TranscribeRecording:
        """Return the use case on a model, None for the configured one.

        Raises:
            UnknownModel: if it is not installed.
        """
        loaded = self._configured if model is None else self._loaded(model)
        shared = self._configured.process
        return TranscribeRecording(
            self._decoder,
            ProcessSpeechDetector(shared, SPEECH_DETECTOR),
            ProcessTranscriber(loaded.process, TRANSCRIBER, loaded.info),
            ProcessLanguageDetector(loaded.process, LANGUAGE_DETECTOR)
            if loaded.info.has_language_detection
            else None,
            ProcessDiarizer(shared, DIARIZER, self.diarizer),
            time.monotonic,
            Policy(
                DecodeLimits(max_audio_seconds=self.settings.max_audio_seconds),
                is_parallel=self._cores.is_parallel,
            ),
        )

    def rediarize(self) -> Rediarize:
        """Return the use case that tells speakers apart anew."""
        return Rediarize(ProcessDiarizer(self._configured.process, DIARIZER, self.diarizer))

    def close(self) -> None:
        """End the inference processes; work under way fails."""
        with self._lock:
            models = list(self._models.values())
        for loaded in models:
            loaded.process.close()

    @property
    def _models_folder(self) -> Path:
        return self.settings.quoth_data / "models"

    def _loaded(self, name: str) -> LoadedModel:
        installed = tuple(info.model for info in self.installed())
        if name not in installed:
            raise UnknownModel(name, installed)
        return self._configured if name == self.default.model else self._load(name)

    def _load(self, asked: str) -> LoadedModel:
        files = find_whisper_model(asked, [self._models_folder])
        with self._lock:
            if files.name not in self._models:
                components = Components(
                    self._whisper_plan(files.path, files.name),
                    self._diarizer_plan(),
                    self.settings.vad_threshold,
                )
                patience = Patience(idle_unload_seconds=self.settings.idle_unload_seconds)
                process = InferenceProcess(components, patience)
                info = self._describe(files.path, files.name)
                self._models[files.name] = LoadedModel(info, process)
            return self._models[files.name]

    def _describe(self, path: Path, name: str) -> EngineInfo:
        settings = self._whisper_settings(name)
        return describe_whisper(path, name, self._device, self._compute_type, settings)

    @property
    def _compute_type(self) -> str:
        return COMPUTE_TYPES[self._device.partition(":")[0]]

    def _whisper_plan(self, path: Path, name: str) -> WhisperPlan:
        return WhisperPlan(
            path,
            name,
            self._device,
            self._compute_type,
            threads=self._cores.transcription_threads,
            workers=self._cores.transcription_workers,
            settings=self._whisper_settings(name),
        )

    def _whisper_settings(self, name: str) -> WhisperSettings:
        return settings_for(
            is_packaged=name == PACKAGED,
            device=self._device,
            beam_size=self.settings.whisper_beam_size,
        )

    def _diarizer_plan(self) -> DiarizerPlan:
        return DiarizerPlan(
            self.settings.diarization_threshold,
            self.settings.diarization_step,
            self.settings.diarization_min_cluster_size,
            self._cores.diarization,
        )
