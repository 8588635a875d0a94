"""A server with the real jobs and slow stand-in engines, that can be held up at every point.

What holds it up and keeps the book is put around the parts of the design from outside: around the
store, the queue, the steps and the webhooks that `build_jobs` puts together.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from quoth.adapters.dbos.queue import DbosJobQueue, RunAttempt
from quoth.adapters.dbos.webhooks import DbosWebhookQueue, Deliver
from quoth.adapters.memory.engines import FakeDiarizer, FakeSpeechDetector
from quoth.adapters.sql.schema import sqlite_url
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.adapters.storage.workspaces import Workspaces
from quoth.api.app import create_app
from quoth.api.service import Service, ServiceLimits
from quoth.bootstrap.jobs import JobService, build_jobs
from quoth.bootstrap.live import live_equipment
from quoth.bootstrap.queues import Queues
from quoth.bootstrap.server import Address, work
from quoth.config import Settings
from quoth.domain.fairness import LANES
from quoth.domain.jobs import Job
from quoth.ports.jobs import JobStore, StepResult, Steps
from quoth.ports.webhooks import Delivery, Outcome
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import Policy, TranscribeRecording
from tests.crashes.engines import Desk, SlowDecoder, SlowDiarizer, SlowTranscriber
from tests.crashes.points import Book, Hold

AT_ONCE = 2
"""Jobs in each lane."""

Work = Callable[[], StepResult]


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a server, from its start to whatever ends it.

    Args:
        data: the folder of all its lives.
        port: where it listens.
        hold: where it is held up.
        book: where it says what it does.
        is_parallel: whether words and speakers are worked on side by side.
        step_seconds: how long the work of a step takes.
    """

    data: Path
    port: int
    hold: Hold
    book: Book
    is_parallel: bool
    step_seconds: float

    @property
    def log(self) -> Path:
        """What it writes to its standard output and error."""
        return self.data.with_suffix(".log")


@dataclass(frozen=True, slots=True)
class SlowEngines:
    """Everything that jobs are done with."""

    desk: Desk
    is_parallel: bool

    def transcribe(self, model: str | None = None) -> TranscribeRecording:  # noqa: ARG002
        return TranscribeRecording(
            SlowDecoder(self.desk),
            FakeSpeechDetector(),
            SlowTranscriber(self.desk),
            None,
            SlowDiarizer(self.desk),
            time.monotonic,
            Policy(is_parallel=self.is_parallel),
        )

    def rediarize(self) -> Rediarize:
        return Rediarize(FakeDiarizer())


@dataclass(frozen=True, slots=True)
class HeldSteps:
    """Does the steps of one job by those of the queue."""

    steps: Steps
    life: Life
    recording: str

    def step(self, name: str, work: Work) -> StepResult:
        result = self.steps.step(name, self._held(name, work))
        self._done(name)
        return result

    def both(
        self, first: tuple[str, Work], second: tuple[str, Work]
    ) -> tuple[StepResult, StepResult]:
        held = [(name, self._held(name, work)) for name, work in (first, second)]
        results = self.steps.both(*held)
        self._done(first[0], second[0])
        return results

    def _held(self, name: str, work: Work) -> Work:
        def do() -> StepResult:
            self.life.hold(f"before {name}", self.recording)
            result = work()
            self.life.hold(f"kept by {name}", self.recording)
            return result

        return do

    def _done(self, *names: str) -> None:
        for name in names:
            self.life.book.write("done", name, self.recording)
        for name in names:
            self.life.hold(f"after {name}", self.recording)


class HeldQueue(DbosJobQueue):
    """Enqueues jobs, and is held up before and after."""

    hold: Hold

    def enqueue(self, job: Job) -> None:
        self.hold("row there", job.name)
        super().enqueue(job)
        self.hold("enqueued", job.name)


class HeldWebhooks(DbosWebhookQueue):
    """Queues webhooks, and is held up before and after."""

    hold: Hold

    def tell(self, job: Job) -> None:
        self.hold("finished", job.name)
        super().tell(job)
        self.hold("told", job.name)


@dataclass(frozen=True, slots=True)
class HeldStore:
    """The rows; before one is written down, it is held up."""

    store: JobStore
    hold: Hold

    def add(self, job: Job, key: str | None, fingerprint: str) -> Job:
        self.hold("folder there", job.name)
        return self.store.add(job, key, fingerprint)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def _service(life: Life, engines: SlowEngines, settings: Settings) -> JobService:
    names: dict[str, str] = {}

    def name_of(job_id: str) -> str:
        if job_id not in names:
            job = service.jobs.manage.store.get(job_id)
            assert job is not None
            names[job_id] = job.name
        return names[job_id]

    def queues(run: RunAttempt, _deliver: Deliver) -> Queues:
        def attempt(job_id: str, number: int, steps: Steps) -> None:
            run(job_id, number, HeldSteps(steps, life, name_of(job_id)))

        def deliver(job_id: str, number: int) -> Delivery:
            life.book.write("told", str(number), name_of(job_id))
            return Delivery(Outcome.DELIVERED, "")

        webhooks = HeldWebhooks(deliver)
        jobs = HeldQueue(
            sqlite_url(life.data / "queue.sqlite"), attempt, dict.fromkeys(LANES, AT_ONCE), webhooks
        )
        jobs.hold = webhooks.hold = life.hold
        return Queues(jobs, webhooks)

    service = build_jobs(settings, engines, queues)
    manage = service.jobs.manage
    held: Any = HeldStore(manage.store, life.hold)
    return replace(service, jobs=replace(service.jobs, manage=replace(manage, store=held)))


def live(life: Life) -> None:
    """Serve until told to stop, in a process of its own."""
    descriptor = os.open(life.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    engines = SlowEngines(Desk(life.book, life.hold, life.step_seconds), life.is_parallel)
    settings = Settings(quoth_data=life.data, webhook_allow_private=True)
    service = _service(life, engines, settings)
    uploads = FileUploads(DiskSpace(life.data / "uploads", 0), 2**20, 3600)
    workspaces = Workspaces(life.data / "work")
    recognisers: Any = engines
    equipment = live_equipment(service.jobs.manage, uploads, life.data)
    api = Service(
        recognisers,
        ServiceLimits(),
        workspaces.make,
        uploads,
        service.jobs,
        equipment,
    )
    work(create_app(api), service, lambda: None, Address("127.0.0.1", life.port))
