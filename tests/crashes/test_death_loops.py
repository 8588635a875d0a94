"""A server that ends again and again: its keeper loses nothing, a deadly job only itself."""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from quoth.adapters.dbos.queue import DbosJobQueue
from quoth.adapters.dbos.webhooks import DbosWebhookQueue
from quoth.adapters.sql.schema import sqlite_url
from quoth.domain.job_errors import JobLost
from quoth.domain.jobs import LOCAL_OWNER, Job, JobStatus
from quoth.ports.jobs import StepResult, Steps
from quoth.ports.webhooks import Delivery, Outcome
from tests.contracts.test_job_store import a_job
from tests.crashes.matrix import Chain, servers
from tests.crashes.points import points
from tests.jobs import DirectSteps, IdleQueue, Office, speaking

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RECOVERIES = 3


def test_restarting_the_server_five_times_during_a_long_job_does_not_lose_it(
    tmp_path: Path,
) -> None:
    met = [point for point in points(is_parallel=True) if point.startswith(("in ", "kept by tr"))]
    outcome = Chain(tmp_path / "restarts", "SIGTERM", 0, met).run()
    assert outcome.kills == len(met) == 5
    assert outcome.jobs["40.wav completed"] == 1
    assert outcome.done_twice == []


# --- a job that its server dies of ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deadly:
    """Does two steps of an attempt; the second is what the process dies of."""

    book: Path

    def __call__(self, _job_id: str, _attempt: int, steps: Steps) -> None:
        steps.step("one", dict)
        steps.step("two", self._die)

    def _die(self) -> dict[str, str]:
        with self.book.open("a") as file:
            file.write("begun\n")
        os.kill(os.getpid(), signal.SIGKILL)
        return {}


@dataclass(frozen=True, slots=True)
class Refused:
    """What `Deadly` became of, as its queue tells it: written into a file."""

    run: Deadly
    told: Path

    def __call__(self, job_id: str, attempt: int, steps: Steps) -> None:
        try:
            self.run(job_id, attempt, steps)
        except Exception as error:
            self.told.write_text(json.dumps([type(error).__name__, str(error)]))
            raise


def serve(folder: Path, job: Job) -> None:
    """Take jobs until something ends the process, or it is known that nothing will."""
    run = Refused(Deadly(folder / "book"), folder / "told")
    webhooks = DbosWebhookQueue(lambda *_: Delivery(Outcome.DELIVERED, ""))
    queue = DbosJobQueue(
        sqlite_url(folder / "queue.sqlite"), run, {"short": 1}, webhooks, recoveries=RECOVERIES
    )
    queue.start()
    queue.enqueue(job)
    while not queue.is_over(job):
        time.sleep(0.05)
    os._exit(0)


def test_a_job_that_its_whole_server_dies_of_is_given_up_with_a_reason(tmp_path: Path) -> None:
    job = a_job()
    ends: list[int | None] = []
    while not ends or (ends[-1] != 0 and len(ends) < 2 * RECOVERIES + 2):
        process = servers().Process(target=serve, args=(tmp_path, job))
        process.start()
        process.join(60)
        ends.append(process.exitcode)
    assert ends[-1] == 0
    begun = (tmp_path / "book").read_text().split()
    assert len(begun) == RECOVERIES + 1 == len(ends) - 1
    name, told = json.loads((tmp_path / "told").read_text())
    assert name == "JobLost"
    assert f"ended {RECOVERIES + 1} times" in told


class NoSteps(DirectSteps):
    """Refuses, as the queue does for what it gave up."""

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:  # noqa: ARG002
        raise JobLost(4)


def test_a_job_that_was_given_up_says_so_and_can_be_tried_again(tmp_path: Path) -> None:
    with Office(tmp_path / "data", speaking("word")) as office:
        job = office.take_in()
        office.do(job, NoSteps())
        failed = office.wait(job.id)
        assert failed.failure is not None
        assert failed.failure.code == "lost"
        assert "try again" in failed.failure.message
        again = office.manage.retry(LOCAL_OWNER, job.id)
        office.do(again)
        assert office.wait(job.id).status is JobStatus.COMPLETED


class OverQueue(IdleQueue):
    """A queue in which every attempt came to an end, and the job perhaps a moment before."""

    def __init__(self, finish: Callable[[Job], None]) -> None:
        super().__init__(lambda *_: None)
        self._finish = finish

    def is_over(self, job: Job) -> bool:
        self._finish(job)
        return True


def test_anattempt_that_ended_without_a_word_is_lost_at_the_next_start(tmp_path: Path) -> None:
    with Office(tmp_path / "data", speaking("word")) as office:
        job = office.take_in()
        office.store.change(job.id, JobStatus.RUNNING, 1.0)
        office.caring_for(OverQueue(lambda _job: None)).recover()
        failure = office.wait(job.id).failure
        assert failure is not None
        assert failure.code == "lost"


def test_a_job_that_finishes_during_the_start_is_not_lost(tmp_path: Path) -> None:
    with Office(tmp_path / "data", speaking("word")) as office:
        job = office.take_in()
        office.store.change(job.id, JobStatus.RUNNING, 1.0)
        office.caring_for(OverQueue(office.do)).recover()
        assert office.wait(job.id).status is JobStatus.COMPLETED
