"""Jobs to test with."""

import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.domain.jobs import LOCAL_OWNER, Failure, Job, JobOptions, JobStatus

NOW = 1_800_000_000.0
NAME = "Interview with Zoë.mp3"


def a_job(webhook_url: str | None = None, **changes: Any) -> Job:
    """A job that waits."""
    facts: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "owner": LOCAL_OWNER,
        "name": NAME,
        "status": JobStatus.QUEUED,
        "options": JobOptions(webhook_url=webhook_url),
        "created": NOW,
        "seconds": 61.5,
        "size_bytes": 1000,
        "queue": "short",
        "priority": 62,
    }
    return Job(**facts | changes)


def database(folder: Path) -> Engine:
    """The tables in a file of a folder."""
    return open_database(sqlite_url(folder / "jobs.sqlite"))


def added(store: SqlJobStore, webhook_url: str | None = None, **changes: Any) -> Job:
    """A job that waits and is written down."""
    return store.add(a_job(webhook_url, **changes), None, "")


def ended(store: SqlJobStore, job: Job, status: JobStatus = JobStatus.COMPLETED) -> Job:
    """A job brought to an end, as far as its row is concerned."""
    store.change(job.id, JobStatus.RUNNING, NOW + 1)
    failure = Failure("It broke. Mend it.", "broken") if status is JobStatus.FAILED else None
    changed = store.change(job.id, status, NOW + 2, failure)
    assert changed is not None
    return changed
