"""The object graph of one installation: engines behind ports, use cases on top."""

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from quoth.adapters.ffmpeg.decoding import FfmpegDecoder
from quoth.adapters.ffmpeg.programs import find_program
from quoth.adapters.process.engine import InferenceProcess
from quoth.adapters.process.life import Patience
from quoth.adapters.process.proxies import (
    ProcessDiarizer,
    ProcessLanguageDetector,
    ProcessSpeechDetector,
    ProcessSpeechMeter,
    ProcessTranscriber,
)
from quoth.adapters.sherpa.model_files import ENGINE as SHERPA
from quoth.adapters.storage.workspaces import Workspaces
from quoth.bootstrap.choice import Choice, choose
from quoth.bootstrap.components import (
    DIARIZER,
    FALLBACK,
    LANGUAGE_DETECTOR,
    SPEECH_DETECTOR,
    SPEECH_METER,
    TRANSCRIBER,
    Components,
)
from quoth.bootstrap.diarizers import ONNX, choose_diarizer
from quoth.bootstrap.engines import FoundModel, WhisperEngine, describe, engines
from quoth.bootstrap.machine import count_cores, gpu_of, share_cores
from quoth.bootstrap.plans import WhisperPlan
from quoth.bootstrap.side_by_side import decide_together
from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable, UnknownModel
from quoth.domain.gpus import Gpu, GpuMemory
from quoth.ports.audio_decoder import DecodeLimits
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.live import SpeechMeter
from quoth.ports.transcriber import EngineInfo
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import Policy, TranscribeRecording

CHUNK_DURATIONS = {"nemo": 500.0}
"""Seconds of a stretch where nobody says otherwise; engines that are not here take it all."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in an inference process of its own, the Whisper beside it, and what they are."""

    info: EngineInfo
    whisper: WhisperPlan
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
        self._decoder = FfmpegDecoder(find_program(settings.ffmpeg))
        self._cores = share_cores(settings, count_cores())
        self._engines = engines(settings, self._cores)
        self.choice: Choice = choose(settings.engine, self._engines)
        self.diarizer_choice = choose_diarizer(settings, self.choice.found.info.engine, self._cores)
        self.together = decide_together(
            settings.parallel_diarization,
            self._cores.is_parallel,
            self.choice.found.plan,
            self.diarizer_choice.plan,
            gpu_of,
        )
        log.info("%s", self.choice)
        log.info("%s", self.diarizer_choice)
        way = "side by side" if self.together.is_parallel else "one after the other"
        log.info("Words and speakers %s. %s", way, self.together.reason)
        self._lock = Lock()
        self._models: dict[str, LoadedModel] = {}
        self._configured = self._load(self.choice.found)

    @property
    def default(self) -> EngineInfo:
        """The configured model."""
        return self._configured.info

    @property
    def engine_choice(self) -> str:
        """Which engine was taken, why, and what would be better."""
        return str(self.choice)

    @property
    def diarizer(self) -> DiarizerInfo:
        """What tells speakers apart."""
        return self.diarizer_choice.info

    @property
    def gpu(self) -> Gpu | None:
        """The card the configured model computes on, as it is now."""
        return gpu_of(self.default.device)

    @property
    def gpu_memory(self) -> GpuMemory | None:
        """What the inference process holds of it."""
        return self._configured.process.gpu_memory

    @property
    def is_parallel(self) -> bool:
        """Whether words and speakers are worked on side by side."""
        return self.together.is_parallel

    @property
    def arena_extend_strategy(self) -> str | None:
        """How ONNX Runtime's memory on a GPU grows; None where nothing of it is on one."""
        wanted = self.settings.ort_arena_extend_strategy
        is_sherpa = self.default.engine == SHERPA and self.default.device.startswith("cuda")
        if self.diarizer.diarizer == ONNX and self.diarizer.device.startswith("cuda"):
            return f"{wanted} (diarizer)" if is_sherpa else wanted
        return "not applied: sherpa-onnx takes no such option" if is_sherpa else None

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
        return tuple(found.info for found in self._installed().values())

    def transcribe(self, model: str | None = None) -> TranscribeRecording:
        """Return the use case on a model, None for the configured one.

        A model that nobody named, taken by `auto`, leaves languages it lacks to Whisper.

        Raises:
            UnknownModel: if it is not installed.
        """
        loaded = self._configured if model is None else self._loaded(model)
        shared = self._configured.process
        helper = describe(loaded.whisper)
        may_fall_back = model is None and self.choice.is_automatic and helper != loaded.info
        return TranscribeRecording(
            self._decoder,
            ProcessSpeechDetector(shared, SPEECH_DETECTOR),
            ProcessTranscriber(loaded.process, TRANSCRIBER, loaded.info),
            ProcessLanguageDetector(loaded.process, LANGUAGE_DETECTOR)
            if helper.has_language_detection
            else None,
            ProcessDiarizer(shared, DIARIZER, self.diarizer),
            time.monotonic,
            Policy(
                DecodeLimits(max_audio_seconds=self.settings.max_audio_seconds),
                is_parallel=self.together.is_parallel,
                chunk_duration=self._chunk_duration(loaded.info.engine),
            ),
            ProcessTranscriber(loaded.process, FALLBACK, helper) if may_fall_back else None,
        )

    @property
    def speech_meter(self) -> SpeechMeter:
        """What hears whether somebody speaks, while they do."""
        return ProcessSpeechMeter(self._configured.process, SPEECH_METER)

    def rediarize(self) -> Rediarize:
        """Return the use case that tells speakers apart anew."""
        return Rediarize(ProcessDiarizer(self._configured.process, DIARIZER, self.diarizer))

    def close(self) -> None:
        """End the inference processes; work under way fails."""
        with self._lock:
            models = list(self._models.values())
        for loaded in models:
            loaded.process.close()

    def _chunk_duration(self, engine: str) -> float | None:
        """Return the stretch to work in: as set, else as the engine likes; None for no stretch."""
        wanted = self.settings.chunk_duration
        return (CHUNK_DURATIONS.get(engine) if wanted is None else wanted) or None

    def _installed(self) -> dict[str, FoundModel]:
        """Return the installed models by name, the configured one first."""
        models = {self.default.model: self.choice.found}
        for engine in self._engines.values():
            with suppress(EngineUnavailable):  # it cannot compute on the device asked for
                for found in engine.installed():
                    models.setdefault(found.name, found)
        return models

    def _loaded(self, name: str) -> LoadedModel:
        models = self._installed()
        if name not in models:
            raise UnknownModel(name, tuple(models))
        return self._load(models[name])

    def _load(self, found: FoundModel) -> LoadedModel:
        with self._lock:
            if found.name not in self._models:
                whisper = self._whisper_beside(found)
                components = Components(
                    found.plan, whisper, self.diarizer_choice.plan, self.settings.vad_threshold
                )
                patience = Patience(idle_unload_seconds=self.settings.idle_unload_seconds)
                process = InferenceProcess(components, patience)
                self._models[found.name] = LoadedModel(found.info, whisper, process)
            return self._models[found.name]

    def _whisper_beside(self, found: FoundModel) -> WhisperPlan:
        """Return the Whisper that tells the language: the model itself if it is one."""
        if isinstance(found.plan, WhisperPlan):
            return found.plan
        return WhisperEngine(self.settings, self._cores).packaged()
