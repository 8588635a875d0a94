"""The models of workers elsewhere, for a server without an engine; fulfils what the API needs."""

import time
from collections.abc import Sequence
from functools import cached_property

from quoth.adapters.ffmpeg.decoding import FfmpegDecoder
from quoth.adapters.ffmpeg.programs import find_program
from quoth.adapters.storage.whole_files import put_beside
from quoth.adapters.storage.workspaces import Workspaces
from quoth.api.service import Jobs
from quoth.bootstrap.recognisers import Installation
from quoth.config import Settings
from quoth.domain.errors import UnknownModel
from quoth.domain.gpus import Gpu, GpuMemory
from quoth.domain.live_errors import LiveUnavailable
from quoth.ports.audio_decoder import DecodeLimits
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.live import SpeechMeter
from quoth.ports.transcriber import EngineInfo
from quoth.ports.workers import Worker
from quoth.use_cases.absent import AbsentDiarizer, AbsentSpeechDetector, AbsentTranscriber
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.routing import Routing
from quoth.use_cases.transcribe import Policy
from quoth.use_cases.transcribe_elsewhere import Elsewhere, TranscribeElsewhere

NOBODY = EngineInfo(
    engine="none",
    model="none",
    languages=(),
    sample_rate=16_000,
    longest_window=30.0,
    batch_seconds=30.0,
    device="none",
    provider="none",
)
"""What is told of the configured model while no worker is up."""


class RemoteInstallation:
    """The models of all workers that are up.

    Telling speakers apart anew is clustering of kept evidence, a second or so on a processor, and
    done here, by the diarizer that the settings name.

    Args:
        settings: of the installation.
        routing: knows who is there; given when there is a database to know it from.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.routing: Routing | None = None
        self.jobs: Jobs | None = None
        self._decoder = FfmpegDecoder(find_program(settings.ffmpeg))

    @property
    def workers(self) -> Sequence[Worker]:
        """Those that are up, as of a moment ago."""
        return self.routing.able() if self.routing is not None else ()

    @property
    def default(self) -> EngineInfo:
        """The model of the worker that has been up longest."""
        return next((worker.models[0] for worker in self.workers), NOBODY)

    @property
    def engine_choice(self) -> str:
        """Who recognises."""
        names = [f"{worker.models[0].model} on {worker.host}" for worker in self.workers]
        if not names:
            return "ENGINE=none, and no worker is up: start one with `quoth worker`."
        return f"ENGINE=none: jobs are done by {len(names)} workers ({', '.join(sorted(names))})."

    @property
    def diarizer(self) -> DiarizerInfo:
        """What tells speakers apart at the worker that has been up longest."""
        found = next((worker.diarizer for worker in self.workers if worker.diarizer), None)
        return found or DiarizerInfo("none", "none", "none")

    @property
    def speech_meter(self) -> SpeechMeter:
        """Nothing: who speaks is heard beside an engine.

        Raises:
            LiveUnavailable: always.
        """
        raise LiveUnavailable

    @property
    def gpu(self) -> Gpu | None:
        """None here."""
        return None

    @property
    def gpu_memory(self) -> GpuMemory | None:
        """None here."""
        return None

    @property
    def is_parallel(self) -> bool:
        """Every worker decides that for itself."""
        return False

    @property
    def arena_extend_strategy(self) -> str | None:
        """Nothing of it is here."""
        return None

    @property
    def is_loaded(self) -> bool:
        """Whether anybody is up."""
        return bool(self.workers)

    @cached_property
    def workspaces(self) -> Workspaces:
        """Folders for work in progress."""
        return Workspaces(self.settings.quoth_data / "work")

    def installed(self) -> tuple[EngineInfo, ...]:
        """Return the models that some worker has, that of the eldest first."""
        workers = self.workers
        firsts = [worker.models[0] for worker in workers]
        others = [info for worker in workers for info in worker.models[1:]]
        return _each_once([*firsts, *others])

    def transcribe(self, model: str | None = None) -> TranscribeElsewhere:
        """Return the use case on a model of any worker.

        Raises:
            UnknownModel: if workers are up and none has it.
        """
        installed = self.installed()
        named = [info for info in installed if info.model == model]
        able = _each_once(named if model else [worker.models[0] for worker in self.workers])
        if model is not None and installed and not able:
            raise UnknownModel(model, tuple(info.model for info in installed))
        return TranscribeElsewhere(
            self._decoder,
            AbsentSpeechDetector(),
            AbsentTranscriber(able[0] if able else NOBODY),
            None,
            AbsentDiarizer(self.diarizer),
            time.monotonic,
            Policy(DecodeLimits(max_audio_seconds=self.settings.max_audio_seconds)),
            elsewhere=self._elsewhere,
            model=model,
            able=able,
        )

    @property
    def _elsewhere(self) -> Elsewhere | None:
        jobs = self.jobs
        if jobs is None:
            return None
        return Elsewhere(jobs.manage, jobs.feed, lambda: bool(self.workers), put_beside)

    def rediarize(self) -> Rediarize:
        """Return the use case that tells speakers apart anew."""
        return self._clustering.rediarize()

    @cached_property
    def _clustering(self) -> Installation:
        return Installation(self.settings.model_copy(update={"engine": "whisper"}))

    def close(self) -> None:
        """End what clusters, if anything did."""
        if "_clustering" in self.__dict__:
            self._clustering.close()


def _each_once(infos: Sequence[EngineInfo]) -> tuple[EngineInfo, ...]:
    """Return models by name, each as whoever came first has it."""
    found: dict[str, EngineInfo] = {}
    for info in infos:
        found.setdefault(info.model, info)
    return tuple(found.values())
