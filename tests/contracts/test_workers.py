"""The list of processes on Postgres: who lives, who is dead, and who hands on their work."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from quoth.adapters.memory.engines import FakeDiarizer, FakeTranscriber
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import WORKERS, open_database
from quoth.adapters.sql.workers import SqlWorkerStore
from quoth.ports.workers import Worker, WorkerState
from tests.contracts.test_job_store import NOW, a_job
from tests.postgres import Postgres

INFO = FakeTranscriber().info
WORKER = Worker("w1", "rack-1", (INFO, replace(INFO, model="other")), FakeDiarizer().info)
SECONDS = 30.0


@pytest.fixture
def engine(postgres: Postgres) -> Iterator[Engine]:
    engine = open_database(postgres.emptied())
    yield engine
    engine.dispose()


@pytest.fixture
def workers(engine: Engine) -> SqlWorkerStore:
    return SqlWorkerStore(engine)


@pytest.fixture
def silence(engine: Engine) -> Callable[[str, float], None]:
    """Lets a process not have been heard of for so many seconds."""

    def silent_for(worker_id: str, seconds: float) -> None:
        earlier = WORKERS.c.heartbeat - seconds
        with engine.begin() as connection:
            connection.execute(
                update(WORKERS).where(WORKERS.c.id == worker_id).values(heartbeat=earlier)
            )

    return silent_for


def test_what_a_process_announces_is_what_others_read(workers: SqlWorkerStore) -> None:
    workers.announce(WORKER)
    workers.announce(Worker("api", "rack-2"))
    assert workers.serving(SECONDS) == [WORKER, Worker("api", "rack-2")]
    workers.announce(replace(WORKER, host="rack-3"))
    assert [each.host for each in workers.serving(SECONDS)] == ["rack-2", "rack-3"]


def test_who_drains_takes_no_more_and_lives(workers: SqlWorkerStore) -> None:
    workers.announce(WORKER)
    assert workers.beat("w1", WorkerState.DRAINING) is not None
    assert workers.serving(SECONDS) == []
    assert workers.bury(SECONDS) == []


def test_who_was_never_announced_has_no_heart(workers: SqlWorkerStore) -> None:
    assert workers.beat("w1", WorkerState.SERVING) is None


def test_a_heart_says_how_long_it_stood_still(
    workers: SqlWorkerStore, silence: Callable[[str, float], None]
) -> None:
    workers.announce(WORKER)
    silence("w1", 10.0)
    assert workers.beat("w1", WorkerState.SERVING) == pytest.approx(10.0, abs=2.0)
    assert workers.beat("w1", WorkerState.SERVING) == pytest.approx(0.0, abs=2.0)


def test_the_silent_are_declared_dead_and_given_to_one_of_those_who_ask(
    workers: SqlWorkerStore, silence: Callable[[str, float], None]
) -> None:
    workers.announce(WORKER)
    workers.announce(Worker("w2", "rack-2"))
    silence("w1", SECONDS + 1)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: list(workers.bury(SECONDS)), range(4)))
    assert sorted(found) == [[], [], [], ["w1"]]
    assert workers.beat("w1", WorkerState.SERVING) is None
    assert workers.beat("w2", WorkerState.SERVING) is not None


def test_whose_heir_dies_as_well_is_given_to_another(
    workers: SqlWorkerStore, silence: Callable[[str, float], None]
) -> None:
    workers.announce(WORKER)
    silence("w1", SECONDS + 1)
    assert workers.bury(SECONDS) == ["w1"]
    assert workers.bury(SECONDS) == []
    silence("w1", SECONDS + 1)
    assert workers.bury(SECONDS) == ["w1"]
    workers.remove("w1")
    silence("w1", SECONDS + 1)
    assert workers.bury(SECONDS) == []


def test_the_dead_take_no_job(
    engine: Engine, workers: SqlWorkerStore, silence: Callable[[str, float], None]
) -> None:
    jobs = SqlJobStore(engine)
    job = jobs.add(a_job(), None, "")
    assert jobs.take(job.id, 1, NOW, "w1") is None
    workers.announce(WORKER)
    assert jobs.take(job.id, 1, NOW, "w1") is not None
    silence("w1", SECONDS + 1)
    workers.bury(SECONDS)
    assert jobs.take(job.id, 1, NOW, "w1") is None


def test_nobody_is_declared_dead_in_the_middle_of_taking_a_job(
    engine: Engine, workers: SqlWorkerStore, silence: Callable[[str, float], None]
) -> None:
    jobs = SqlJobStore(engine)
    job = jobs.add(a_job(), None, "")
    workers.announce(WORKER)
    silence("w1", SECONDS + 1)
    with engine.connect() as taking, ThreadPoolExecutor(1) as threads:
        with taking.begin():
            taking.exec_driver_sql("SELECT id FROM quoth_workers WHERE id = 'w1' FOR SHARE")
            burying = threads.submit(workers.bury, SECONDS)
            time.sleep(0.2)
            assert not burying.done()
        assert burying.result(10) == ["w1"]
    assert jobs.take(job.id, 1, NOW, "w1") is None
