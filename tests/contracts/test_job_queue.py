"""What every queue of jobs keeps to: the stand-in, and DBOS on SQLite and on Postgres."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Protocol

import pytest

from quoth.adapters.dbos.queue import DbosJobQueue
from quoth.adapters.dbos.webhooks import DbosWebhookQueue
from quoth.adapters.memory.jobs import FakeJobQueue
from quoth.adapters.sql.schema import sqlite_url
from quoth.bootstrap.queues import RunningQueue
from quoth.domain.errors import Cancelled
from quoth.domain.jobs import Job
from quoth.ports.jobs import Steps
from quoth.ports.webhooks import Delivery, Outcome
from tests.contracts.test_job_store import a_job
from tests.postgres import Postgres

PATIENCE_SECONDS = 30.0

pytestmark = pytest.mark.slow


class Attempt(Protocol):
    """Does an attempt."""

    def __call__(self, job_id: str, attempt: int, steps: Steps) -> None: ...


@dataclass
class Bench:
    """Does attempts in two steps, and waits in the middle until it may go on."""

    begun: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    may_go_on: Event = field(default_factory=Event)
    fails: bool = False

    def __call__(self, job_id: str, attempt: int, steps: Steps) -> None:
        run = f"{job_id}.{attempt}"
        self.begun.append(run)
        steps.step("one", dict)
        assert self.may_go_on.wait(PATIENCE_SECONDS)
        if self.fails:
            raise Cancelled
        steps.both(("two", dict), ("three", dict))
        self.done.append(run)


MakeQueue = Callable[..., RunningQueue]


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def make_queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeQueue]:
    """Make a queue that does one job at a time; what was made before is closed then."""
    kind: str = request.param
    url = sqlite_url(tmp_path / "queue.sqlite")
    if kind == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.emptied()
    made: list[RunningQueue] = []

    def make(run: Attempt) -> RunningQueue:
        while made:
            made.pop().close()
        queue: RunningQueue
        if kind == "fake":
            queue = FakeJobQueue(run, concurrency=1)
        else:
            webhooks = DbosWebhookQueue(lambda *_: Delivery(Outcome.DELIVERED, ""))
            queue = DbosJobQueue(url, run, {"short": 1, "long": 1}, webhooks)
        queue.start()
        made.append(queue)
        return queue

    yield make
    while made:
        made.pop().close()


def wait_for(is_there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_there():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def queued(queue: RunningQueue, **given: object) -> Job:
    job = a_job(**given)
    queue.enqueue(job)
    return job


def test_an_attempt_that_is_queued_many_times_runs_once(make_queue: MakeQueue) -> None:
    bench = Bench()
    queue = make_queue(bench)
    job = a_job()
    threads = [threading.Thread(target=queue.enqueue, args=(job,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not queue.is_over(job)
    bench.may_go_on.set()
    wait_for(lambda: queue.is_over(job))
    queue.enqueue(job)
    other = queued(queue)
    wait_for(lambda: queue.is_over(other))
    assert bench.begun == bench.done == [job.run, other.run]


def test_the_next_attempt_is_another(make_queue: MakeQueue) -> None:
    bench = Bench()
    bench.may_go_on.set()
    queue = make_queue(bench)
    job = queued(queue)
    wait_for(lambda: queue.is_over(job))
    again = replace(job, attempt=2)
    assert not queue.is_over(again)
    queue.enqueue(again)
    wait_for(lambda: queue.is_over(again))
    assert bench.done == [job.run, again.run]


def test_what_was_never_queued_is_not_over(make_queue: MakeQueue) -> None:
    assert not make_queue(Bench()).is_over(a_job())


def test_what_has_less_priority_number_is_done_sooner(make_queue: MakeQueue) -> None:
    bench = Bench()
    queue = make_queue(bench)
    first = queued(queue, priority=500)
    wait_for(lambda: bench.begun == [first.run])
    jobs = {priority: queued(queue, priority=priority) for priority in (300, 100, 400, 200)}
    bench.may_go_on.set()
    wait_for(lambda: len(bench.done) == 5)
    assert bench.done == [first.run, *(jobs[number].run for number in (100, 200, 300, 400))]


def test_a_cancelled_attempt_that_waits_is_never_begun_to_its_end(make_queue: MakeQueue) -> None:
    bench = Bench()
    queue = make_queue(bench)
    first = queued(queue)
    wait_for(lambda: bench.begun == [first.run])
    second, third = queued(queue), queued(queue)
    queue.cancel(second)
    bench.may_go_on.set()
    wait_for(lambda: queue.is_over(third))
    assert bench.done == [first.run, third.run]
    assert queue.is_over(second)


def test_a_cancelled_attempt_that_runs_takes_no_further_step(make_queue: MakeQueue) -> None:
    bench = Bench()
    queue = make_queue(bench)
    job = queued(queue)
    wait_for(lambda: bench.begun == [job.run])
    queue.cancel(job)
    bench.may_go_on.set()
    wait_for(lambda: queue.is_over(job))
    other = queued(queue)
    wait_for(lambda: queue.is_over(other))
    assert bench.done == [other.run]


def test_an_attempt_that_raises_is_over_and_keeps_no_other(make_queue: MakeQueue) -> None:
    bench = Bench(fails=True)
    bench.may_go_on.set()
    queue = make_queue(bench)
    job = queued(queue)
    wait_for(lambda: queue.is_over(job))
    bench.fails = False
    other = queued(queue)
    wait_for(lambda: queue.is_over(other))
    assert bench.done == [other.run]


def test_a_forgotten_job_can_be_queued_like_a_new_one(make_queue: MakeQueue) -> None:
    bench = Bench()
    bench.may_go_on.set()
    queue = make_queue(bench)
    job = queued(queue)
    wait_for(lambda: queue.is_over(job))
    queue.forget(job)
    assert not queue.is_over(job)
    queue.forget(job)
    queue.enqueue(job)
    wait_for(lambda: queue.is_over(job))
    assert bench.done == [job.run, job.run]
