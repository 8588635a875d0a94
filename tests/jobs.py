"""Jobs put together from the real parts, with engines that hear known words."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import numpy as np

from quoth.adapters.dbos.queue import DbosJobQueue
from quoth.adapters.dbos.webhooks import DbosWebhookQueue
from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.engines import FakeDiarizer, FakeSpeechDetector, FakeTranscriber
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.adapters.storage.job_files import Codec, FolderJobFiles
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.domain.transcript import Word
from quoth.formats import json as transcripts
from quoth.ports.jobs import JobQueue
from quoth.ports.progress import Progress
from quoth.ports.transcriber import WindowTask
from quoth.ports.webhooks import Delivery, Outcome
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRuns
from quoth.use_cases.manage_jobs import Backlog, ManageJobs, NewRecording
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.run_job import RunJob, StepResult
from quoth.use_cases.suspicion import Suspicion
from quoth.use_cases.transcribe import TranscribeRecording

SECONDS = 20.0
RECORDING = b"the bytes of a recording"
SOUND = ArrayWaveform(np.full(int(SECONDS) * 16_000, 0.1, dtype=np.float32))


@dataclass
class IdleQueue:
    """A `JobQueue` that takes jobs and does none."""

    queued: list[str] = field(default_factory=list)

    def enqueue(self, job: Job) -> None:
        self.queued.append(job.run)

    def is_over(self, job: Job) -> bool:  # noqa: ARG002 - the port's signature
        return False

    def cancel(self, job: Job) -> None:
        self.forget(job)

    def forget(self, job: Job) -> None:
        self.queued = [run for run in self.queued if not run.startswith(job.id)]


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


class Nobody:
    """A `Notifier` that tells nobody."""

    def check(self, url: str) -> None:
        pass

    def job_ended(self, job: Job) -> None:
        pass

    def catch_up(self) -> None:
        pass


@dataclass(eq=False)
class Office:
    """All that works with the jobs of one data folder.

    Args:
        data: the folder.
        transcriber: hears the words.
        time: the clock of everything, seconds since the epoch.
    """

    data: Path
    transcriber: SpeakingTranscriber
    time: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.engine = open_database(sqlite_url(self.data / "jobs.sqlite"))
        self.store = SqlJobStore(self.engine)
        codec = Codec(transcripts.render, transcripts.parse)
        self.files = FolderJobFiles(self.data / "jobs", codec, PcmFile)
        self.feed = JobFeed()
        self.runs = JobRuns(self.store, self.feed)
        self.queue: JobQueue = IdleQueue()
        self._diarizer = FakeDiarizer()
        self.notifier = Nobody()
        self.run = RunJob(
            self.store,
            self.files,
            self.runs,
            self.feed,
            Suspicion(),
            lambda _model: self._use_case(),
            self.now,
            lambda error: type(error).__name__,
            self.notifier,
        )

    def now(self) -> float:
        return self.time

    def _use_case(self) -> TranscribeRecording:
        return TranscribeRecording(
            FakeDecoder(SOUND),
            FakeSpeechDetector(),
            self.transcriber,
            self.transcriber,
            self._diarizer,
            time.monotonic,
        )

    @property
    def manage(self) -> ManageJobs:
        return ManageJobs(
            self.store,
            self.queue,
            self.files,
            self.runs,
            self.feed,
            Backlog(1e9, lambda: None),
            lambda: Rediarize(self._diarizer),
            lambda _path: SECONDS,
            self.now,
            self.notifier,
        )

    @contextmanager
    def working(self) -> Iterator[None]:
        """Do jobs while the context lasts, with the real queue."""
        queue = DbosJobQueue(
            sqlite_url(self.data / "queue.sqlite"),
            self.run,
            {"short": 4, "long": 1},
            DbosWebhookQueue(lambda *_: Delivery(Outcome.DELIVERED, "")),
        )
        self.queue = queue
        try:
            queue.start()
            self.manage.recover()
            yield
        finally:
            queue.close()
            self.queue = IdleQueue()

    def close(self) -> None:
        self.engine.dispose()

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

    def do(self, job: Job) -> None:
        """Do a job here and now."""
        self.run(job.id, job.attempt, DirectSteps())

    def done(self, name: str = "a.wav", content: bytes = RECORDING) -> Job:
        """Take a recording in and do its job, without a queue."""
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
