"""A job: one recording that was accepted, and what became of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from quoth.domain.diarization import SpeakerHints
from quoth.domain.progress import Stage

LOCAL_OWNER = "local"
"""Whose everything is as long as nobody is asked who they are."""


class JobStatus(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens unless somebody asks for it."""
        return self in FINAL


FINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})

TRANSITIONS: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.RUNNING: frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.CANCELLED: frozenset({JobStatus.QUEUED}),
    JobStatus.COMPLETED: frozenset({JobStatus.FAILED}),
}
"""What may follow what; failed and cancelled jobs can be tried again, and a completed one fails
when its transcript is lost."""


def sources_of(status: JobStatus) -> frozenset[JobStatus]:
    """Return the states a job can come from."""
    return frozenset(before for before, after in TRANSITIONS.items() if status in after)


@dataclass(frozen=True, slots=True)
class JobOptions:
    """How a recording is to be transcribed.

    Args:
        model: by name; None for the configured one.
        language: ISO 639-1; detected where it is not given.
        candidates: languages it can only be where none is given.
        keywords: words and phrases to expect.
        is_translated: whether to write English whatever is spoken.
        prompt: text in the style and spelling expected.
        temperature: of the recogniser.
        diarize: whether to tell speakers apart.
        hints: what is known about their number.
        names: of the speakers, in order of first appearance.
        known: names of people to look for among them, whose voices are kept with the job.
        webhook_url: told when the job ends.
    """

    model: str | None = None
    language: str | None = None
    candidates: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    is_translated: bool = False
    prompt: str | None = None
    temperature: float = 0.0
    diarize: bool = True
    hints: SpeakerHints = SpeakerHints()
    names: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    webhook_url: str | None = None


def content_of(options: JobOptions) -> dict[str, Any]:
    """Return options for JSON: those that are not as they are by default.

    A process of an earlier version, which does not know the newest, can so read all jobs but those
    that make use of them.
    """
    usual = asdict(JobOptions())
    return {
        name: value
        for name, value in asdict(options).items()
        if name == "hints" or value != usual[name]
    }


def options_of(content: Mapping[str, Any]) -> JobOptions:
    """Return options from what `content_of` and JSON made of them.

    Raises:
        ValueError, TypeError, KeyError: if it was nothing of the kind.
    """
    given = dict(content)
    given["hints"] = SpeakerHints(**given["hints"])
    for name in ("names", "candidates", "keywords", "known"):
        given[name] = tuple(given.get(name, ()))
    return JobOptions(**given)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: a sentence with its cure, and a code for programs."""

    message: str
    code: str


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: what it is at, the fraction of the whole, seconds left if known."""

    stage: Stage | None = None
    fraction: float = 0.0
    remaining: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One recording that was accepted.

    Args:
        id: ours, random.
        owner: whose it is.
        name: what the recording was called where it came from; only to be shown.
        status: where it is.
        options: how it is transcribed.
        created: seconds since the epoch.
        seconds: of audio, a guess until it was decoded.
        size_bytes: of the recording.
        queue: the lane it waits in.
        priority: its place there; less is sooner.
        attempt: counts from 1, up with each retry.
        progress: how far it is.
        started: seconds since the epoch, None while it waits.
        finished: seconds since the epoch, None while it is not.
        failure: why it failed.
        revision: counts up with everything that changes.
        has_audio: whether the recording is still kept.
        lease: counts up each time a process takes the job; what holds an older one writes nothing.
        route: the model whose workers do it where not any of them can; None for any.
    """

    id: str
    owner: str
    name: str
    status: JobStatus
    options: JobOptions
    created: float
    seconds: float
    size_bytes: int
    queue: str
    priority: int
    attempt: int = 1
    progress: JobProgress = JobProgress()
    started: float | None = None
    finished: float | None = None
    failure: Failure | None = None
    revision: int = 1
    has_audio: bool = True
    lease: int = 0
    route: str | None = None

    @property
    def run(self) -> str:
        """Name of the attempt, which is done once and no more."""
        return f"{self.id}.{self.attempt}"
