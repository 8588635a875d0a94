"""Where jobs are written down, queued, and kept."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

from quoth.domain.audio import Interval, Waveform
from quoth.domain.diarization import SpeakerEvidence
from quoth.domain.jobs import Failure, Job, JobProgress, JobStatus
from quoth.domain.peaks import Peaks
from quoth.domain.references import KnownVoices, Reference
from quoth.domain.transcript import Transcript
from quoth.ports.recordings import Recording


class Place(NamedTuple):
    """Where a job stands in the order of age; it says so after the job was deleted, too."""

    created: float
    id: str


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are wanted.

    Args:
        statuses: any of these; empty for all.
        text: words that must occur in the name or the transcript; None for any.
        before: place of the last job of the page before; None for the first page.
        limit: at most so many.
    """

    statuses: Collection[JobStatus] = ()
    text: str | None = None
    before: Place | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What waits and runs: jobs and seconds of audio left."""

    queued: int
    running: int
    seconds: float


class JobStore(Protocol):
    """The rows. Every question is asked for an owner, but for those of the worker itself."""

    def add(self, job: Job, key: str | None, fingerprint: str) -> Job:
        """Write a new job down, or return the one that has this owner's key already.

        Raises:
            IdempotencyConflict: if that one was asked for with another fingerprint.
        """

    def by_key(self, owner: str, key: str, fingerprint: str) -> Job | None:
        """Return the job that this key asked for.

        Raises:
            IdempotencyConflict: if it was asked for with another fingerprint.
        """

    def get(self, job_id: str, owner: str | None = None) -> Job | None:
        """Return a job; None if there is none, or it is somebody else's."""

    def find(self, owner: str, wanted: JobFilter) -> Sequence[Job]:
        """Return jobs, the newest first."""

    def count(self, owner: str, wanted: JobFilter) -> int:
        """Return how many there are on all pages."""

    def by_status(self, statuses: Collection[JobStatus]) -> Sequence[Job]:
        """Return jobs of all owners, the oldest first."""

    def ids(self) -> set[str]:
        """Return the ids of all jobs there are."""

    def change(
        self,
        job_id: str,
        status: JobStatus,
        now: float,
        failure: Failure | None = None,
        run: Job | None = None,
    ) -> Job | None:
        """Move a job on if its state allows it; None if it does not.

        With a run given, nothing changes when the job was tried again since, or taken over.
        """

    def take(self, job_id: str, attempt: int, now: float, worker: str | None = None) -> Job | None:
        """Begin an attempt, or take over one that another process had begun.

        What returns holds the newest lease: whoever held one before writes nothing any more. None
        if the attempt is not wanted any more, or the worker was declared dead.
        """

    def holds(self, job: Job) -> bool:
        """Whether a run may still write: its job runs, and nobody took it over."""

    def retry(self, job_id: str) -> Job | None:
        """Queue a failed or cancelled job once more; None if it is neither, or has no audio."""

    def advance(self, job: Job, progress: JobProgress) -> Job | None:
        """Note how far a running attempt is; None if it does not run any more."""

    def set_route(self, job: Job, route: str) -> None:
        """Note whose workers are to do an attempt that waits."""

    def measured(self, job: Job, seconds: float) -> None:
        """Note how long a recording really is, if the run still holds its job."""

    def audio_gone(self, job_id: str) -> Job | None:
        """Note that the recording of a finished job is not kept any more; None if it is not.

        From then on it cannot be queued once more.
        """

    def touch(self, job_id: str) -> None:
        """Note that something of a job changed that is not in its row."""

    def rename(self, job_id: str, name: str) -> None:
        """Show a job under another name."""

    def index(self, job_id: str, text: str) -> None:
        """Make a transcript findable, instead of what was there before."""

    def position(self, job: Job) -> int:
        """Return the place of a queued job in its lane, from 1."""

    def turn_state(self, owner: str, lane: str) -> tuple[int, int | None]:
        """Return the lane's virtual time and where the owner's last job in it ends."""

    def load(self) -> Load:
        """Return what waits and runs."""

    def delete(self, job_id: str) -> None:
        """Forget a job, its text included, beyond what a look at the file would find."""


StepResult: TypeAlias = Mapping[str, Any]
"""What a step leaves in the queue's books: plain values, `problem` and `code` where it failed."""

Work: TypeAlias = Callable[[], StepResult]


class Steps(Protocol):
    """Does the steps of an attempt so that each is done once, whatever dies in between."""

    def step(self, name: str, work: Work) -> StepResult:
        """Do a step, or return what it returned when it was done."""

    def both(
        self, first: tuple[str, Work], second: tuple[str, Work]
    ) -> tuple[StepResult, StepResult]:
        """Do two steps, side by side."""


class JobQueue(Protocol):
    """Runs jobs durably: each attempt to its end, once, whatever dies in between."""

    def enqueue(self, job: Job) -> None:
        """Queue an attempt; again is no harm."""

    def is_over(self, job: Job) -> bool:
        """Whether an attempt was queued and came to an end, whatever it was."""

    def cancel(self, job: Job) -> None:
        """Take no further step of an attempt."""

    def forget(self, job: Job) -> None:
        """Remove every trace of all attempts."""


@dataclass(frozen=True, slots=True, eq=False)
class DecodedJob:
    """What decoding left: samples on disk, where speech is in them, what was odd."""

    waveform: Waveform
    speech: Sequence[Interval]
    warnings: tuple[str, ...] = ()


class JobFiles(Protocol):
    """What belongs to each job, in a folder or a bucket; each file is there whole or not at all.

    Who works on a job may be slow and have lost its lease to another. So words, evidence, known
    voices and the first transcript are kept only where none are yet, in one step with the look
    whether there are: the first that is whole stays, and whoever comes late is told False. Both
    made theirs of the same recording with the same options, so it matters to nobody whose it is.
    What decoding leaves is the same whoever decodes.

    Where files are on this machine, a full disk raises OutOfDisk. Where they are elsewhere,
    everything raises StoreUnavailable while that cannot be reached; what was asked for may have
    been done then, and it does no harm to ask again.
    """

    def recording(self, job_id: str) -> Recording | None:
        """Return the recording; None if it is gone."""

    def local_source(self, job_id: str) -> AbstractContextManager[Path]:
        """Give the recording as a file on this machine, which is there as long as the context.

        Raises:
            NothingKept: if it is gone.
        """

    def adding(self, job_id: str) -> AbstractContextManager[Path]:
        """Give a path for a new recording; it is kept when the context ends without an error.

        Its folder is disowned until it is owned.
        """

    def own(self, job_id: str) -> None:
        """Note that a folder has a row."""

    def disown(self, job_id: str) -> None:
        """Note, on disk to stay, that a folder is to have no row any more."""

    def is_disowned(self, job_id: str) -> bool:
        """Whether a folder without a row is one that nobody wants.

        Any other may be wanted by a database that is not the one at hand.
        """

    def decoded_path(self, job_id: str, lease: int = 0) -> Path:
        """Return where to decode to; each lease has its own, lest two write into one file."""

    def keep_decoded(self, job_id: str, decoded: DecodedJob, peaks: Peaks, lease: int = 0) -> None:
        """Keep what decoding left, the samples at the path of that lease among it."""

    def decoded(self, job_id: str) -> DecodedJob | None:
        """Return what decoding left; None if it did not get so far, or is done with."""

    def keep_words(self, job_id: str, words: Transcript) -> bool:
        """Keep what was recognised, as a transcript without speakers, if nothing is yet."""

    def words(self, job_id: str) -> Transcript | None:
        """Return what was recognised."""

    def keep_evidence(self, job_id: str, evidence: SpeakerEvidence) -> bool:
        """Keep the evidence for speakers, if none is yet."""

    def evidence(self, job_id: str) -> SpeakerEvidence | None:
        """Return the evidence for speakers."""

    def keep_references(self, job_id: str, references: Sequence[Reference]) -> None:
        """Keep what known people sound like, until it was listened to."""

    def references(self, job_id: str) -> Sequence[Reference]:
        """Return the references; none where none were given, or they are done with."""

    def keep_known_voices(self, job_id: str, known: KnownVoices) -> bool:
        """Keep the voices of known people, if none are yet."""

    def known_voices(self, job_id: str) -> KnownVoices | None:
        """Return the voices of known people."""

    def keep_transcript(self, job_id: str, transcript: Transcript) -> None:
        """Keep the machine's transcript."""

    def add_transcript(self, job_id: str, transcript: Transcript) -> bool:
        """Keep the machine's first transcript; False, and nothing kept, if there is one already."""

    def transcript(self, job_id: str) -> Transcript | None:
        """Return the machine's transcript."""

    def peaks(self, job_id: str) -> Peaks | None:
        """Return the outline of the waveform."""

    def clear_work(self, job_id: str) -> None:
        """Remove what a finished job needs no more: samples, words, references."""

    def remove_source(self, job_id: str) -> None:
        """Remove the recording."""

    def remove(self, job_id: str) -> None:
        """Remove the folder with everything in it."""

    def ids(self) -> Sequence[str]:
        """Return the jobs that have a folder."""


Listener: TypeAlias = Callable[[Job], None]
"""Told of a job that changed, in the thread that changed it; must not block."""
