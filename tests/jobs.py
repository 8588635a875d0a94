"""Jobs put together from the real parts, with engines that hear known words."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Self

import numpy as np

from quoth.adapters.dbos.queue import RunAttempt
from quoth.adapters.dbos.webhooks import Deliver
from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.engines import FakeDiarizer, FakeSpeechDetector, FakeTranscriber
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.memory.webhooks import FakeWebhookQueue
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import JOBS
from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.bootstrap.jobs import build_jobs
from quoth.bootstrap.queues import Queues, RunningQueue
from quoth.config import Settings
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.domain.transcript import Word
from quoth.ports.jobs import StepResult, Steps
from quoth.ports.progress import Progress
from quoth.ports.transcriber import WindowTask
from quoth.use_cases.look_after_jobs import LookAfterJobs
from quoth.use_cases.manage_jobs import ManageJobs, NewRecording
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import TranscribeRecording

SECONDS = 20.0
RECORDING = b"the bytes of a recording"
SOUND = ArrayWaveform(np.full(int(SECONDS) * 16_000, 0.1, dtype=np.float32))


@dataclass
class IdleQueue:
    """A queue that takes jobs and does none by itself."""

    run: RunAttempt
    queued: list[str] = field(default_factory=list)

    def start(self) -> None:
        pass

    def pause(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def move(self, job: Job) -> None:
        self.enqueue(job)

    def take_over(self, executor: str) -> int:  # noqa: ARG002 - the protocol's signature
        return 0

    def holders(self) -> set[str]:
        return set()

    def close(self) -> None:
        pass

    def enqueue(self, job: Job) -> None:
        self.queued.append(job.run)

    def is_over(self, job: Job) -> bool:  # noqa: ARG002 - the port's signature
        return False

    def cancel(self, job: Job) -> None:
        self.forget(job)

    def forget(self, job: Job) -> None:
        self.queued = [run for run in self.queued if not run.startswith(job.id)]


def idle_queues(run: RunAttempt, deliver: Deliver) -> Queues:
    return Queues(IdleQueue(run), FakeWebhookQueue(deliver))


class DirectSteps:
    """Does steps at once."""

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:  # noqa: ARG002
        return work()

    def both(
        self,
        first: tuple[str, Callable[[], StepResult]],
        second: tuple[str, Callable[[], StepResult]],
    ) -> tuple[StepResult, StepResult]:
        return first[1](), second[1]()


@dataclass(slots=True)
class SpeakingTranscriber(FakeTranscriber):
    """Hears words that begin with what it is made with; until it may go on, it waits."""

    says: str = "word"
    may_go_on: Event = field(default_factory=Event)
    is_asked: Event = field(default_factory=Event)

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        self.is_asked.set()
        assert self.may_go_on.wait(30)
        heard = FakeTranscriber.transcribe(self, tasks, progress)
        return [[replace(word, text=self.says + word.text) for word in words] for words in heard]


def speaking(says: str, *, goes_on: bool = True) -> SpeakingTranscriber:
    transcriber = SpeakingTranscriber(says=says)
    if goes_on:
        transcriber.may_go_on.set()
    return transcriber


@dataclass(frozen=True, slots=True)
class Hands:
    """The use cases that jobs are done with, on engines that only seem to hear."""

    transcriber: SpeakingTranscriber
    diarizer: FakeDiarizer = field(default_factory=FakeDiarizer)

    def transcribe(self, model: str | None) -> TranscribeRecording:  # noqa: ARG002
        return TranscribeRecording(
            FakeDecoder(SOUND),
            FakeSpeechDetector(),
            self.transcriber,
            self.transcriber,
            self.diarizer,
            time.monotonic,
        )

    def rediarize(self) -> Rediarize:
        return Rediarize(self.diarizer)


@dataclass(eq=False)
class Office:
    """All that works with the jobs of one data folder, as a server puts it together.

    Args:
        data: the folder.
        transcriber: hears the words.
        is_working: whether jobs are done; else they wait.
        diarizer: hears the voices.
        is_alone: whether no other process takes its jobs over.
        ahead: seconds that its clock is ahead of the true one.
    """

    data: Path
    transcriber: SpeakingTranscriber
    is_working: bool = False
    ahead: float = 0.0
    diarizer: FakeDiarizer = field(default_factory=FakeDiarizer)
    is_alone: bool = True

    def __post_init__(self) -> None:
        settings = Settings(quoth_data=self.data)
        make = None if self.is_working else idle_queues
        self._service = build_jobs(settings, Hands(self.transcriber, self.diarizer), make)
        self.manage = self._service.jobs.manage
        self.manage.runs._is_alone = self.is_alone
        self.edits = self._service.jobs.edits
        self.feed = self._service.jobs.feed
        self.care = self._service.care
        files, store = self.manage.files, self.manage.store
        assert isinstance(files, FolderJobFiles)
        assert isinstance(store, SqlJobStore)
        self.files, self.store = files, store

    def __enter__(self) -> Self:
        if self.is_working:
            self._service.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._service.close()
        self.store._engine.dispose()

    @property
    def queue(self) -> RunningQueue:
        return self._service.queue

    def with_queue(self, queue: RunningQueue) -> ManageJobs:
        return replace(self.manage, queue=queue)

    def caring_for(self, queue: RunningQueue) -> LookAfterJobs:
        return replace(self.care, queue=queue)

    def now(self) -> float:
        return time.time() + self.ahead

    def backdate(self, job: Job, seconds: float) -> None:
        """Let a finished job have been finished so much earlier."""
        with self.store._engine.begin() as connection:
            earlier = JOBS.c.finished - seconds
            connection.execute(JOBS.update().where(JOBS.c.id == job.id).values(finished=earlier))

    def take_in(self, name: str = "a.wav", content: bytes = RECORDING) -> Job:
        def bring(path: Path) -> None:
            path.write_bytes(content)

        recording = NewRecording(name, bring)
        return self.manage.create(LOCAL_OWNER, JobOptions(), recording)

    def wait(self, job_id: str, until: Callable[[Job], bool] | None = None) -> Job:
        """Return a job when it is finished, or something else is true of it."""
        is_there = until or (lambda job: job.status.is_final)
        changed = Event()
        with self.feed.listening(job_id, lambda _job: changed.set()):
            deadline = time.monotonic() + 30
            while not is_there(job := self.manage.get(LOCAL_OWNER, job_id)):
                assert time.monotonic() < deadline, job
                changed.wait(0.1)
                changed.clear()
        return job

    def do(self, job: Job, steps: Steps | None = None) -> None:
        """Do a job that waits here and now."""
        queue = self._service.queue
        assert isinstance(queue, IdleQueue)
        queue.run(job.id, job.attempt, steps or DirectSteps())

    def done(self, name: str = "a.wav", content: bytes = RECORDING) -> Job:
        """Take a recording in and do its job."""
        job = self.take_in(name, content)
        self.do(job)
        done = self.store.get(job.id)
        assert done is not None
        assert done.status is JobStatus.COMPLETED
        return done


def bytes_under(folder: Path) -> bytes:
    """Return everything in every file under a folder, names included."""
    paths = sorted(folder.rglob("*"))
    return b"\0".join(
        str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in paths
    )
