"""What the HTTP service needs from the rest of Quoth; the object graph is built elsewhere."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from quoth.api.realtime.sessions import LiveLimits
from quoth.api.shared_runs import GRACE_SECONDS
from quoth.domain.gpus import Gpu, GpuMemory
from quoth.domain.jobs import Job
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.live import SpeechMeter
from quoth.ports.tickets import TicketStore
from quoth.ports.transcriber import EngineInfo
from quoth.ports.uploads import Uploads
from quoth.telemetry.registry import Telemetry
from quoth.use_cases.edit_job import EditJob
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.live_recording import Equipment
from quoth.use_cases.manage_jobs import ManageJobs
from quoth.use_cases.share_jobs import ShareJobs
from quoth.use_cases.transcribe import TranscribeRecording


class Recognisers(Protocol):
    """The models that are installed, and the use case for each."""

    @property
    def default(self) -> EngineInfo:
        """The configured model."""

    @property
    def engine_choice(self) -> str:
        """Which engine was taken, why, and what would be better."""

    @property
    def diarizer(self) -> DiarizerInfo:
        """What tells speakers apart."""

    @property
    def speech_meter(self) -> SpeechMeter:
        """What hears whether somebody speaks, while they do.

        Raises:
            LiveUnavailable: where nothing here could hear anybody live.
        """

    @property
    def gpu(self) -> Gpu | None:
        """The card the configured model computes on, as it is now; None for the processor."""

    @property
    def gpu_memory(self) -> GpuMemory | None:
        """What the inference process holds of it; None where it is not there or holds nothing."""

    @property
    def is_parallel(self) -> bool:
        """Whether words and speakers are worked on side by side."""

    @property
    def arena_extend_strategy(self) -> str | None:
        """How ONNX Runtime's memory on a GPU grows; None where nothing of it is on one."""

    @property
    def is_loaded(self) -> bool:
        """Whether the inference process of the configured model is there."""

    def installed(self) -> tuple[EngineInfo, ...]:
        """Return the models that can be asked for by name, the configured one first."""

    def transcribe(self, model: str | None) -> TranscribeRecording:
        """Return the use case on a model, None for the configured one.

        Raises:
            UnknownModel: if it is not installed.
        """


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """What one server takes on.

    Args:
        max_concurrent: requests worked on at once.
        max_upload_bytes: the largest upload.
        keepalive_seconds: after which an answer that takes long shows a sign of life.
        abandoned_seconds: how long a request is worked on whose client is gone.
        live: what live sessions may cost.
    """

    max_concurrent: int = 4
    max_upload_bytes: int = 2 * 1024**3
    keepalive_seconds: float = 10.0
    abandoned_seconds: float = GRACE_SECONDS
    live: LiveLimits = field(default_factory=LiveLimits)


@dataclass(frozen=True, slots=True)
class Jobs:
    """What the routes of jobs need.

    Args:
        manage: what an owner does with jobs.
        edits: edits transcripts.
        feed: tells of changes.
        shares: lets others look at a job.
        telemetry: what is measured in this process.
        tickets: that browsers show in place of keys, for all that serve these jobs.
        waits_for: says what a job waits for that is not there.
    """

    manage: ManageJobs
    edits: EditJob
    feed: JobFeed
    shares: ShareJobs
    telemetry: Telemetry
    tickets: TicketStore
    waits_for: Callable[[Job], str | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Service:
    """Everything the routes share.

    Args:
        recognisers: models and use cases.
        limits: what the server takes on.
        workspace: gives a folder for a request's files and removes it afterwards.
        jobs: recordings that are kept.
        uploads: recordings that come in pieces, until a job takes them.
        equipment: takes in what comes live.
    """

    recognisers: Recognisers
    limits: ServiceLimits
    workspace: Callable[[], AbstractContextManager[Path]]
    uploads: Uploads
    jobs: Jobs
    equipment: Equipment
