"""From an ending to a webhook: what fails on the way is made up for."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from quoth.adapters.memory.webhooks import FakeWebhookQueue
from quoth.adapters.sql.endings import SqlEndingStore
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.webhooks.sending import HttpWebhookSender
from quoth.domain.jobs import Job, JobStatus
from quoth.ports.webhooks import Outcome
from quoth.use_cases.tell_endings import SendWebhook, TellEndings
from tests.job_rows import NOW, added, database, ended
from tests.receiver import SECRET, Receiver, receiving


class BrokenQueue:
    """A queue that is away for so many calls."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.told: list[str] = []

    def tell(self, job: Job) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        self.told.append(job.run)


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
def store(engine: Engine) -> SqlJobStore:
    return SqlJobStore(engine)


@pytest.fixture
def sender() -> HttpWebhookSender:
    return HttpWebhookSender(SECRET, allow_private=True, seconds=5.0)


def test_an_ending_reaches_the_receiver(
    store: SqlJobStore, engine: Engine, sender: HttpWebhookSender, receiver: Receiver
) -> None:
    queue = FakeWebhookQueue(SendWebhook(store, sender))
    notifier = TellEndings(SqlEndingStore(engine), queue, sender)
    job = ended(store, added(store, receiver.url), JobStatus.FAILED)
    notifier.job_ended(job)
    receiver.wait(1)
    told = receiver.got[0].verified()
    assert told["type"] == "job.failed"
    assert told["data"]["failure"] == {"message": "It broke. Mend it.", "code": "broken"}


def test_a_queue_that_is_away_fails_no_job_and_the_next_ending_makes_up_for_it(
    store: SqlJobStore, engine: Engine, sender: HttpWebhookSender, caplog: pytest.LogCaptureFixture
) -> None:
    queue = BrokenQueue(failures=1)
    notifier = TellEndings(SqlEndingStore(engine), queue, sender)
    first = ended(store, added(store, "https://example.com/secret-path"))
    with caplog.at_level(logging.ERROR):
        notifier.job_ended(first)
    assert queue.told == []
    assert first.run in caplog.text
    assert "secret-path" not in caplog.text
    second = ended(store, added(store, "https://example.com/"))
    notifier.job_ended(second)
    assert set(queue.told) == {first.run, second.run}
    notifier.catch_up()
    assert len(queue.told) == 2


def test_nobody_is_asked_about_a_job_that_nobody_waits_for(
    store: SqlJobStore, engine: Engine, sender: HttpWebhookSender
) -> None:
    queue = BrokenQueue(failures=0)
    TellEndings(SqlEndingStore(engine), queue, sender).job_ended(ended(store, added(store)))
    assert queue.told == []


def test_nothing_is_sent_of_a_job_that_is_gone_or_was_tried_again(
    store: SqlJobStore, sender: HttpWebhookSender, receiver: Receiver
) -> None:
    send = SendWebhook(store, sender)
    job = ended(store, added(store, receiver.url), JobStatus.CANCELLED)
    assert store.retry(job.id) is not None
    assert send(job.id, 1).outcome is Outcome.STOPPED
    assert send(job.id, 2).outcome is Outcome.STOPPED  # it has not ended yet
    store.change(job.id, JobStatus.RUNNING, NOW)
    store.change(job.id, JobStatus.COMPLETED, NOW)
    assert send(job.id, 2).outcome is Outcome.DELIVERED
    store.delete(job.id)
    assert send(job.id, 2).outcome is Outcome.STOPPED
    assert len(receiver.got) == 1
