"""Leases: of two processes that believe a job is theirs, only the later one writes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database
from quoth.domain.jobs import Failure, Job, JobProgress, JobStatus
from quoth.domain.progress import Stage
from tests.contracts.test_job_store import NOW, a_job

AT_ONCE = 8
HALF = JobProgress(Stage.TRANSCRIBE, 0.5, 1.0)


@pytest.fixture
def store(engine: Engine) -> SqlJobStore:
    return SqlJobStore(engine)


def taken(store: SqlJobStore, job: Job) -> Job:
    found = store.take(job.id, job.attempt, NOW)
    assert found is not None
    return found


def test_the_first_to_take_a_job_begins_it_and_the_next_takes_it_over(store: SqlJobStore) -> None:
    job = store.add(a_job(), None, "")
    first = taken(store, job)
    assert (first.status, first.started, first.lease) == (JobStatus.RUNNING, NOW, 1)
    second = store.take(job.id, job.attempt, NOW + 60)
    assert second is not None
    assert (second.status, second.started, second.lease) == (JobStatus.RUNNING, NOW, 2)


def test_each_of_many_who_take_a_job_at_once_has_a_lease_of_its_own(store: SqlJobStore) -> None:
    job = store.add(a_job(), None, "")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        leases = list(threads.map(lambda _: taken(store, job).lease, range(AT_ONCE)))
    assert sorted(leases) == list(range(1, AT_ONCE + 1))


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_what_is_over_is_taken_by_nobody(store: SqlJobStore, status: JobStatus) -> None:
    job = store.add(a_job(), None, "")
    store.change(job.id, status, NOW, run=taken(store, job))
    assert store.take(job.id, job.attempt, NOW) is None


def test_an_older_attempt_takes_nothing(store: SqlJobStore) -> None:
    job = store.add(a_job(), None, "")
    store.change(job.id, JobStatus.CANCELLED, NOW)
    store.retry(job.id)
    assert store.take(job.id, 1, NOW) is None
    assert taken(store, a_job(id=job.id, attempt=2)).attempt == 2


def test_whoever_lost_a_job_writes_neither_progress_nor_length_nor_end(store: SqlJobStore) -> None:
    job = store.add(a_job(), None, "")
    zombie = taken(store, job)
    assert store.holds(zombie)
    owner = taken(store, job)
    assert not store.holds(zombie)
    assert store.advance(zombie, HALF) is None
    store.measured(zombie, 99.0)
    for status in (JobStatus.COMPLETED, JobStatus.FAILED):
        failure = Failure("It broke.", "broken") if status is JobStatus.FAILED else None
        assert store.change(job.id, status, NOW, failure, zombie) is None
    assert store.get(job.id) == owner
    assert store.holds(owner)
    assert store.advance(owner, HALF) is not None
    assert store.change(job.id, JobStatus.COMPLETED, NOW, run=owner) is not None
    assert not store.holds(owner)


def test_tables_of_a_version_before_leases_are_brought_up_to_date(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    job = SqlJobStore(engine).add(a_job(), None, "")
    with engine.begin() as connection:
        for column in ("lease", "route"):
            connection.execute(text(f"ALTER TABLE quoth_jobs DROP COLUMN {column}"))
    engine.dispose()
    later = open_database(url)
    try:
        assert SqlJobStore(later).get(job.id) == job
        assert taken(SqlJobStore(later), job).lease == 1
    finally:
        later.dispose()
