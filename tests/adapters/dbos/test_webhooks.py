"""Webhooks on real tables: tried again, across restarts, and never twice on purpose."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from dbos import DBOS
from sqlalchemy import Engine

from quoth.adapters.dbos.queue import DbosJobQueue
from quoth.adapters.dbos.webhooks import WAITS, DbosWebhookQueue, Deliver
from quoth.adapters.sql.endings import SqlEndingStore
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import sqlite_url
from quoth.adapters.webhooks.sending import HttpWebhookSender
from quoth.domain.jobs import JobStatus
from quoth.ports.jobs import Steps
from quoth.ports.webhooks import Delivery
from quoth.use_cases.tell_endings import SendWebhook, TellEndings
from tests.job_rows import NAME, added, database, ended
from tests.receiver import SECRET, Answer, Receiver, receiving

SOON = (0.05, 0.05, 0.05)
BROKEN = Answer(500, body=b"try again")


@dataclass
class Post:
    """Everything between an ending and a receiver, as it is in a server."""

    store: SqlJobStore
    notifier: TellEndings
    queue: DbosJobQueue
    webhooks: DbosWebhookQueue


Start = Callable[..., Post]


def _no_attempt(_job_id: str, _attempt: int, _steps: Steps) -> None:
    raise AssertionError("no attempt is queued in these tests")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def start(tmp_path: Path, engine: Engine) -> Iterator[Start]:
    running: list[DbosJobQueue] = []

    def start_one(
        waits: Sequence[float] = SOON,
        deliver: Deliver | None = None,
        run: Callable[[str, int, Steps], None] = _no_attempt,
    ) -> Post:
        for before in running:
            before.close()
        running.clear()
        store = SqlJobStore(engine)
        sender = HttpWebhookSender(SECRET, allow_private=True, seconds=5.0)
        webhooks = DbosWebhookQueue(deliver or SendWebhook(store, sender), waits)
        url = sqlite_url(tmp_path / "queue.sqlite")
        queue = DbosJobQueue(url, run, {"short": 1}, webhooks)
        running.append(queue)
        queue.start()
        return Post(store, TellEndings(SqlEndingStore(engine), webhooks, sender), queue, webhooks)

    yield start_one
    for each in running:
        each.close()


def settled(run: str, seconds: float = 20.0) -> dict[str, str]:
    """What became of the tries of an attempt, once none is under way."""
    deadline = time.monotonic() + seconds
    while True:
        found = {
            each.workflow_id: str(each.output) if each.status == "SUCCESS" else each.status
            for each in DBOS.list_workflows(workflow_id_prefix=f"{run}.webhook")
        }
        if found and not set(found.values()) & {"ENQUEUED", "DELAYED", "PENDING"}:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_the_waits_grow_to_about_a_day() -> None:
    assert list(WAITS) == sorted(WAITS)
    assert 20 * 3600 < sum(WAITS) < 28 * 3600


def test_a_webhook_is_tried_again_after_errors_under_the_same_id(
    start: Start, receiver: Receiver
) -> None:
    post = start()
    receiver.answers.extend([BROKEN, BROKEN])
    job = ended(post.store, added(post.store, receiver.url))
    post.notifier.job_ended(job)
    receiver.wait(3)
    run = job.run
    assert settled(run) == {
        f"{run}.webhook": "failed",
        f"{run}.webhook.2": "failed",
        f"{run}.webhook.3": "delivered",
    }
    assert {got.headers["webhook-id"] for got in receiver.got} == {run}
    assert [got.verified()["type"] for got in receiver.got] == ["job.completed"] * 3


def test_a_receiver_that_is_gone_is_told_once(start: Start, receiver: Receiver) -> None:
    post = start()
    receiver.answers.append(Answer(410))
    job = ended(post.store, added(post.store, receiver.url))
    post.notifier.job_ended(job)
    assert settled(job.run) == {f"{job.run}.webhook": "stopped"}
    assert len(receiver.got) == 1


def test_it_is_given_up_after_the_last_wait(start: Start, receiver: Receiver) -> None:
    post = start(waits=SOON[:1])
    receiver.answers.extend([BROKEN] * 9)
    job = ended(post.store, added(post.store, receiver.url))
    post.notifier.job_ended(job)
    receiver.wait(2)
    assert list(settled(job.run).values()) == ["failed", "failed"]
    assert len(receiver.got) == 2


def test_an_ending_told_many_times_is_sent_once(start: Start, receiver: Receiver) -> None:
    post = start()
    job = ended(post.store, added(post.store, receiver.url))
    for _ in range(3):
        post.webhooks.tell(job)
        post.notifier.job_ended(job)
    settled(job.run)
    post.webhooks.tell(job)
    time.sleep(1.5)
    assert len(receiver.got) == 1


@pytest.mark.slow
def test_the_next_server_goes_on_trying_where_one_ended(start: Start, receiver: Receiver) -> None:
    post = start(waits=(2.0,))
    receiver.answers.append(BROKEN)
    job = ended(post.store, added(post.store, receiver.url))
    post.notifier.job_ended(job)
    receiver.wait(1)
    next_try = f"{job.run}.webhook.2"
    deadline = time.monotonic() + 10
    while DBOS.get_workflow_status(next_try) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    start(waits=(2.0,))
    receiver.wait(2)
    assert settled(job.run)[next_try] == "delivered"


@pytest.mark.slow
def test_an_ending_is_told_by_the_next_start_if_the_server_died_before_and_by_no_later_one(
    start: Start, receiver: Receiver
) -> None:
    store = start().store
    job = ended(store, added(store, receiver.url))  # and here it died
    start().notifier.catch_up()
    receiver.wait(1)
    settled(job.run)
    start().notifier.catch_up()
    time.sleep(1.5)
    assert len(receiver.got) == 1


def test_a_bug_costs_a_try_and_not_the_webhook(start: Start, receiver: Receiver) -> None:
    tries: list[str] = []

    def deliver(job_id: str, attempt: int) -> Delivery:
        tries.append(job_id)
        if len(tries) == 1:
            raise RuntimeError("a bug")
        return SendWebhook(post.store, HttpWebhookSender(SECRET, allow_private=True))(
            job_id, attempt
        )

    post = start(deliver=deliver)
    job = ended(post.store, added(post.store, receiver.url))
    post.notifier.job_ended(job)
    receiver.wait(1)
    assert len(tries) == 2


def test_a_job_that_is_deleted_takes_its_webhooks_along(start: Start, receiver: Receiver) -> None:
    post = start(waits=(60.0, 60.0))
    receiver.answers.append(BROKEN)
    job = ended(post.store, added(post.store, receiver.url))
    post.notifier.job_ended(job)
    receiver.wait(1)
    deadline = time.monotonic() + 10
    while DBOS.get_workflow_status(f"{job.run}.webhook.2") is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    post.store.delete(job.id)
    post.queue.forget(job)
    assert DBOS.list_workflows(workflow_id_prefix=job.id) == []


def test_no_name_and_no_url_goes_into_the_queues_tables(
    start: Start, receiver: Receiver, tmp_path: Path
) -> None:
    post = start()
    receiver.answers.append(BROKEN)
    job = ended(post.store, added(post.store, receiver.url))
    post.notifier.job_ended(job)
    receiver.wait(2)
    settled(job.run)
    written = b"".join(path.read_bytes() for path in tmp_path.glob("queue.sqlite*"))
    assert job.id.encode() in written
    assert NAME.encode() not in written
    assert b"/hook" not in written


def test_a_webhook_is_no_step_of_the_attempt_that_ends(start: Start, receiver: Receiver) -> None:
    def run(job_id: str, _attempt: int, steps: Steps) -> None:
        steps.step("decode", lambda: {"seconds": 1.0})
        job = ended(post.store, added_job, JobStatus.COMPLETED)
        assert job.id == job_id
        post.notifier.job_ended(job)

    post = start(run=run)
    added_job = added(post.store, receiver.url)
    post.queue.enqueue(added_job)
    receiver.wait(1)
    settled(added_job.run)
    steps = DBOS.list_workflow_steps(added_job.run)
    assert [each["function_name"] for each in steps] == ["decode"]
