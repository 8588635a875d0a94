"""Which changes wait for the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.domain.jobs import JobProgress, JobStatus
from quoth.domain.progress import Stage
from tests.job_rows import NOW, added

NORMAL, FULL = 1, 2


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(sqlite_url(tmp_path / "jobs.sqlite"))
    yield engine
    engine.dispose()


@pytest.fixture
def commits(engine: Engine) -> list[int]:
    """How each commit of a change treats the disk."""
    seen: list[int] = []

    def note(connection: Connection) -> None:
        if connection.get_execution_options().get("quoth_reading"):
            return
        seen.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    event.listen(engine, "commit", note)
    return seen


def test_what_was_accepted_and_what_came_of_it_waits_for_the_disk_and_progress_does_not(
    engine: Engine, commits: list[int]
) -> None:
    store = SqlJobStore(engine)
    commits.clear()
    job = added(store)
    assert commits == [FULL]
    running = store.change(job.id, JobStatus.RUNNING, NOW)
    assert running is not None
    store.advance(running, JobProgress(Stage.DECODE, 0.5))
    store.measured(job, 3.0)
    assert commits == [FULL, NORMAL, NORMAL, NORMAL]
    store.index(job.id, "hello")
    store.change(job.id, JobStatus.COMPLETED, NOW)
    assert commits[4:] == [FULL, FULL]
