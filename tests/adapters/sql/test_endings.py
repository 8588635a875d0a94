"""Notes of endings: written with the ending, gone when it is queued to be told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from quoth.adapters.sql.endings import SqlEndingStore
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import ENDINGS
from quoth.domain.jobs import JobStatus
from tests.job_rows import NOW, added, database, ended

URL = "https://hooks.example.com/"
ENDINGS_THERE_ARE = [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> SqlJobStore:
    return SqlJobStore(engine)


@pytest.fixture
def endings(engine: Engine) -> SqlEndingStore:
    return SqlEndingStore(engine)


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(ENDINGS)).scalar_one())


@pytest.mark.parametrize("status", ENDINGS_THERE_ARE)
def test_an_ending_is_untold_until_it_is_told(
    store: SqlJobStore, endings: SqlEndingStore, status: JobStatus
) -> None:
    job = added(store, URL)
    assert endings.untold() == []
    done = ended(store, job, status)
    assert endings.untold() == [done]
    endings.told(done)
    assert endings.untold() == []


def test_nothing_is_noted_for_nobody(
    store: SqlJobStore, endings: SqlEndingStore, engine: Engine
) -> None:
    ended(store, added(store))
    store.change(added(store, URL).id, JobStatus.RUNNING, NOW)
    assert endings.untold() == []
    assert count(engine) == 0


def test_an_attempt_that_was_tried_again_is_told_of_when_the_next_one_ends(
    store: SqlJobStore, endings: SqlEndingStore, engine: Engine
) -> None:
    job = ended(store, added(store, URL), JobStatus.FAILED)
    again = store.retry(job.id)
    assert again is not None
    assert endings.untold() == []
    done = ended(store, again)
    assert [(each.attempt, each.status) for each in endings.untold()] == [(2, JobStatus.COMPLETED)]
    endings.told(done)
    assert count(engine) == 0


def test_telling_of_an_attempt_does_not_silence_the_next(
    store: SqlJobStore, endings: SqlEndingStore
) -> None:
    first = ended(store, added(store, URL), JobStatus.FAILED)
    again = store.retry(first.id)
    assert again is not None
    second = ended(store, again)
    endings.told(first)
    assert endings.untold() == [second]


def test_an_attempt_that_ends_twice_before_anybody_was_told_is_told_of_once(
    store: SqlJobStore, endings: SqlEndingStore
) -> None:
    job = ended(store, added(store, URL))
    lost = store.change(job.id, JobStatus.FAILED, NOW)
    assert lost is not None
    assert endings.untold() == [lost]
    endings.told(lost)
    assert endings.untold() == []


def test_a_change_of_a_job_that_ended_is_no_ending(
    store: SqlJobStore, endings: SqlEndingStore
) -> None:
    job = ended(store, added(store, URL))
    endings.told(job)
    store.rename(job.id, "another")
    store.touch(job.id)
    assert store.change(job.id, JobStatus.CANCELLED, NOW) is None
    assert endings.untold() == []


def test_notes_go_with_their_job(store: SqlJobStore, engine: Engine) -> None:
    job = ended(store, added(store, URL))
    assert count(engine) == 1
    store.delete(job.id)
    assert count(engine) == 0
