"""How the row of a job may change: what has to be true of it, and what it is then.

Each is one statement that looks and writes at once: whoever comes late finds that it is not true.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, true

from quoth.adapters.sql.rows import failure_columns, shown_name
from quoth.adapters.sql.schema import JOBS
from quoth.adapters.sql.workers import is_serving
from quoth.domain.jobs import FINAL, Failure, Job, JobProgress, JobStatus, sources_of

ACTIVE = (JobStatus.QUEUED.value, JobStatus.RUNNING.value)
_COLUMNS = JOBS.c


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A change of a row.

    Args:
        where: what has to be true of the row.
        values: of its columns afterwards.
        may_be_lost: whether a power cut may take it back, since it is found out again.
    """

    where: ColumnElement[bool]
    values: dict[str, Any]
    may_be_lost: bool = False


TOUCH = Change(true(), {})
"""Something changed that is not in the row."""

AUDIO_GONE = Change(_COLUMNS.status.in_([status.value for status in FINAL]), {"has_audio": False})

RETRY = Change(
    and_(
        _COLUMNS.status.in_([source.value for source in sources_of(JobStatus.QUEUED)]),
        _COLUMNS.has_audio,
    ),
    {
        "status": JobStatus.QUEUED.value,
        "attempt": _COLUMNS.attempt + 1,
        "started": None,
        "finished": None,
        "failure_message": None,
        "failure_code": None,
        "stage": None,
        "fraction": 0.0,
        "remaining": None,
        "route": None,
    },
)


def moved_on(status: JobStatus, now: float, failure: Failure | None, run: Job | None) -> Change:
    """Move a job on to a state; with a run, only if that still holds the job."""
    values: dict[str, Any] = {"status": status.value}
    if status is JobStatus.RUNNING:
        values["started"] = now
    if status.is_final:
        values |= {"finished": now, "remaining": None}
    if status is JobStatus.COMPLETED:
        values |= {"fraction": 1.0, "stage": None}
    if failure is not None:
        values |= failure_columns(failure)
    before = [source.value for source in sources_of(status)]
    can_be = and_(_COLUMNS.status.in_(before), true() if run is None else is_same_run(run))
    # That it runs is found out again by whoever runs it; an ending is for good.
    return Change(can_be, values, may_be_lost=not status.is_final)


def taken(attempt: int, now: float, worker: str | None) -> Change:
    """Begin an attempt, or take it over, under a new lease."""
    is_new = _COLUMNS.status == JobStatus.QUEUED.value
    values = {
        "status": JobStatus.RUNNING.value,
        "lease": _COLUMNS.lease + 1,
        "started": case((is_new, now), else_=_COLUMNS.started),
    }
    can_be = and_(
        _COLUMNS.status.in_(ACTIVE),
        _COLUMNS.attempt == attempt,
        true() if worker is None else is_serving(worker),
    )
    return Change(can_be, values, may_be_lost=True)


def advanced(job: Job, progress: JobProgress) -> Change:
    """Note how far a running attempt is."""
    values = {
        "stage": progress.stage.value if progress.stage else None,
        "fraction": progress.fraction,
        "remaining": progress.remaining,
    }
    return Change(is_held(job), values, may_be_lost=True)


def routed(job: Job, route: str) -> Change:
    """Note whose workers are to do an attempt that waits."""
    waits = _COLUMNS.status == JobStatus.QUEUED.value
    return Change(and_(waits, _COLUMNS.attempt == job.attempt), {"route": route})


def measured(job: Job, seconds: float) -> Change:
    """Note how long a recording really is."""
    return Change(is_same_run(job), {"seconds": seconds}, may_be_lost=True)


def renamed(name: str) -> Change:
    """Show a job under another name."""
    return Change(true(), {"name": shown_name(name)})


def is_same_run(job: Job) -> ColumnElement[bool]:
    """Whether nobody tried the job again since, or took it over."""
    return and_(_COLUMNS.attempt == job.attempt, _COLUMNS.lease == job.lease)


def is_held(job: Job) -> ColumnElement[bool]:
    """Whether a run may still write: its job runs, and it is the same run."""
    return and_(_COLUMNS.status == JobStatus.RUNNING.value, is_same_run(job))
