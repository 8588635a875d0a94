"""Jobs as rows and back."""

import hashlib
from typing import Any

from sqlalchemy import Row

from quoth.adapters.sql.schema import LONGEST_KEY, LONGEST_NAME
from quoth.adapters.sql.words import storable
from quoth.domain.jobs import Failure, Job, JobProgress, JobStatus, content_of, options_of
from quoth.domain.progress import Stage


def shown_name(name: str) -> str:
    """Return a name as there is room for it."""
    return storable(name)[:LONGEST_NAME]


def kept_key(key: str) -> str:
    """Return a key as there is room for it; what is too long is told apart by its hash."""
    whole = storable(key)
    return whole if len(whole) <= LONGEST_KEY else hashlib.sha256(whole.encode()).hexdigest()


def failure_columns(failure: Failure | None) -> dict[str, str | None]:
    """Return the columns of a failure."""
    return {
        "failure_message": storable(failure.message) if failure else None,
        "failure_code": failure.code if failure else None,
    }


def row_of(job: Job) -> dict[str, Any]:
    """Return the columns of a job."""
    failure = job.failure
    return {
        "id": job.id,
        "owner": job.owner,
        "name": shown_name(job.name),
        "status": job.status.value,
        "options": content_of(job.options),
        "created": job.created,
        "seconds": job.seconds,
        "size_bytes": job.size_bytes,
        "queue": job.queue,
        "priority": job.priority,
        "attempt": job.attempt,
        "stage": job.progress.stage.value if job.progress.stage else None,
        "fraction": job.progress.fraction,
        "remaining": job.progress.remaining,
        "started": job.started,
        "finished": job.finished,
        **failure_columns(failure),
        "revision": job.revision,
        "has_audio": job.has_audio,
        "lease": job.lease,
        "route": job.route,
    }


def job_of(row: Row[Any]) -> Job:
    """Return the job of a row."""
    found = row._mapping  # noqa: SLF001 - the public way to a row by names
    failed = found["failure_message"] is not None
    return Job(
        id=found["id"],
        owner=found["owner"],
        name=found["name"],
        status=JobStatus(found["status"]),
        options=options_of(found["options"]),
        created=found["created"],
        seconds=found["seconds"],
        size_bytes=found["size_bytes"],
        queue=found["queue"],
        priority=found["priority"],
        attempt=found["attempt"],
        progress=JobProgress(
            Stage(found["stage"]) if found["stage"] else None,
            found["fraction"],
            found["remaining"],
        ),
        started=found["started"],
        finished=found["finished"],
        failure=Failure(found["failure_message"], found["failure_code"]) if failed else None,
        revision=found["revision"],
        has_audio=found["has_audio"],
        lease=found["lease"],
        route=found["route"],
    )
