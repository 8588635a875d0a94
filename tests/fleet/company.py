"""Worker processes, and beside them what takes recordings in and asks for what became of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import psycopg

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.bootstrap.fleet import Role
from quoth.bootstrap.jobs import build_jobs
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.ports.jobs import JobFilter
from quoth.use_cases.manage_jobs import NewRecording
from tests.crashes.engines import name_of, recording
from tests.fleet.process import Given, engines
from tests.postgres import Postgres

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
_ALL = JobFilter(limit=1000)


@dataclass(frozen=True, slots=True)
class Begun:
    """That an engine began a step."""

    step: str
    recording: str
    at: float
    pid: int


@dataclass(eq=False)
class Company:
    """A Postgres, a store, and processes that share both.

    Args:
        postgres: whose database is emptied first.
        folder: for everything else.
        told: what workers are told beside where everything is.
        is_serving: whether it takes recordings in; else somebody else in this process does.
    """

    postgres: Postgres
    folder: Path
    told: dict[str, Any] = field(default_factory=dict)
    is_serving: bool = True

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.given = Given(
            url=self.postgres.emptied(),
            store=str(self.folder / "store"),
            data=str(self.folder / "api"),
            book=str(self.folder / "book"),
            **self.told,
        )
        self.workers: list[subprocess.Popen[bytes]] = []
        if not self.is_serving:
            return
        self._service = build_jobs(self.given.settings, engines(self.given), role=Role.API)
        self.manage, self.feed = self._service.jobs.manage, self._service.jobs.feed
        store, files = self.manage.store, self.manage.files
        assert isinstance(store, SqlJobStore)
        assert isinstance(files, FolderJobFiles)
        self.store, self.files = store, files

    def __enter__(self) -> Self:
        if self.is_serving:
            self._service.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait()
        if not self.is_serving:
            return
        self._service.close()
        self.store._engine.dispose()

    @property
    def quick(self) -> Given:
        """What engines are told that take no time and write into a book of their own."""
        return replace(self.given, step_seconds=0.0, book=str(self.folder / "quick-book"))

    # --- workers -----------------------------------------------------------------------------

    def start(self, **told: Any) -> "subprocess.Popen[bytes]":
        """Start a worker."""
        number = len(self.workers)
        given = replace(self.given, data=str(self.folder / f"worker-{number}"), **told)
        with (self.folder / f"worker-{number}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.fleet.process", given.written()],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def ready(self, count: int) -> None:
        """Wait until so many workers take jobs."""
        query = (
            "SELECT count(*) FROM quoth_workers WHERE state = 'serving' AND models::text <> '[]'"
        )
        self.until(lambda: self.ask(query) == count)

    def stop(self, worker: "subprocess.Popen[bytes]", seconds: float = 30.0) -> int:
        """Tell a worker to stop, and return its status."""
        worker.send_signal(signal.SIGTERM)
        return worker.wait(seconds)

    def log(self, number: int) -> str:
        """Return what a worker said."""
        return (self.folder / f"worker-{number}.log").read_text()

    # --- jobs --------------------------------------------------------------------------------

    def take_in(self, seconds: int, seed: int = 1, **options: Any) -> Job:
        """Take a recording in, which is told from others by its length."""

        def bring(path: Path) -> None:
            path.write_bytes(recording(seconds, seed))

        name = name_of(seconds)
        return self.manage.create(LOCAL_OWNER, JobOptions(**options), NewRecording(name, bring))

    def job(self, job: Job) -> Job:
        """Return how a job is by now."""
        return self.manage.get(LOCAL_OWNER, job.id)

    def done(self, *jobs: Job, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until jobs are completed."""
        for job in jobs:
            self.until(partial(self._is_over, job), seconds)
            found = self.job(job)
            assert found.status is JobStatus.COMPLETED, (found, self.begun())
            assert self.files.transcript(job.id) is not None

    def _is_over(self, job: Job) -> bool:
        return self.job(job).status.is_final

    def until(self, is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> float:
        """Wait until something is so; return how long that took."""
        began = time.monotonic()
        while not is_so():
            assert time.monotonic() - began < seconds, self.trouble()
            time.sleep(0.02)
        return time.monotonic() - began

    def at(self, step: str, job: Job) -> int:
        """Wait until an engine is at a step of a job; return the process it is in."""
        found: list[Begun] = []

        def is_there() -> bool:
            found[:] = [
                each for each in self.begun() if (each.step, each.recording) == (step, job.name)
            ]
            return bool(found)

        self.until(is_there)
        return found[-1].pid

    def worker_of(self, pid: int) -> "subprocess.Popen[bytes]":
        """Return the worker that is a process."""
        return next(worker for worker in self.workers if worker.pid == pid)

    # --- what happened -----------------------------------------------------------------------

    def begun(self) -> list[Begun]:
        """Return which engine began which step when, and where."""
        path = Path(self.given.book)
        lines = path.read_text().splitlines() if path.exists() else []
        fields = [line.split("\t") for line in lines]
        return [Begun(step, name, float(at), int(pid)) for _, step, name, at, pid in fields]

    def ask(self, query: str) -> Any:
        """Return the first value of a query to the database."""
        with psycopg.connect(self.given.url) as connection:
            row = connection.execute(query).fetchone()
        return row and row[0]

    def begun_again(self) -> list[str]:
        """Return the steps whose engine began once more after they were in the books as done."""
        query = """
            SELECT j.name, o.function_name, o.completed_at_epoch_ms / 1000.0
            FROM dbos.operation_outputs o JOIN quoth_jobs j ON o.workflow_uuid = j.id || '.1'
        """
        with psycopg.connect(self.given.url) as connection:
            recorded = {(name, step): float(at) for name, step, at in connection.execute(query)}
        return [
            f"{each.recording} {each.step}"
            for each in self.begun()
            if each.at > recorded.get((each.recording, each.step), float("inf")) + 0.01
        ]

    def trouble(self) -> str:
        """Return what is known, for whoever wonders."""
        with psycopg.connect(self.given.url) as connection:
            query = "SELECT name, status, attempt, lease, route FROM quoth_jobs"
            states = connection.execute(query).fetchall()
            query = (
                "SELECT workflow_uuid, status, queue_name, executor_id FROM dbos.workflow_status"
            )
            states += connection.execute(query).fetchall()
        logs = "".join(self.log(number)[-1500:] for number in range(len(self.workers)))
        return f"{states}\n{logs}"


@contextmanager
def frozen(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Let a process stand still while the context lasts."""
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)
