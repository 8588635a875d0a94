"""What waits and runs: how much it is, and whose turn comes next.

The questions are put together once, since that takes longer than to ask them.
"""

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from quoth.adapters.sql.changes import ACTIVE
from quoth.adapters.sql.schema import JOBS
from quoth.domain.jobs import Job, JobStatus
from quoth.ports.jobs import Load

_COLUMNS = JOBS.c
_LAST_TURN = select(func.max(_COLUMNS.priority)).where(_COLUMNS.queue == bindparam("lane"))
_TURN_STATE = select(
    _LAST_TURN.where(_COLUMNS.started.is_not(None)).scalar_subquery(),
    _LAST_TURN.where(_COLUMNS.owner == bindparam("owner")).scalar_subquery(),
)
_LOAD = (
    select(
        _COLUMNS.status,
        func.count(),
        func.coalesce(func.sum(_COLUMNS.seconds * (1.0 - _COLUMNS.fraction)), 0.0),
    )
    .where(_COLUMNS.status.in_(ACTIVE))
    .group_by(_COLUMNS.status)
)
_SOONER = (
    select(func.count())
    .select_from(JOBS)
    .where(
        _COLUMNS.status == JobStatus.QUEUED.value,
        _COLUMNS.queue == bindparam("lane"),
        or_(
            _COLUMNS.priority < bindparam("priority"),
            and_(
                _COLUMNS.priority == bindparam("priority"),
                _COLUMNS.created < bindparam("created"),
            ),
        ),
    )
)


def position(connection: Connection, job: Job) -> int:
    """Return the place of a queued job in its lane, from 1."""
    place = {"lane": job.queue, "priority": job.priority, "created": job.created}
    return 1 + int(connection.execute(_SOONER, place).scalar_one())


def turn_state(connection: Connection, owner: str, lane: str) -> tuple[int, int | None]:
    """Return the lane's virtual time and where the owner's last job in it ends."""
    now, end = connection.execute(_TURN_STATE, {"lane": lane, "owner": owner}).one()
    return now or 0, end


def load(connection: Connection) -> Load:
    """Return how many jobs wait and run, and the seconds of audio left in them."""
    rows = {status: (number, sum_) for status, number, sum_ in connection.execute(_LOAD)}
    queued, waiting = rows.get(JobStatus.QUEUED.value, (0, 0.0))
    running, working = rows.get(JobStatus.RUNNING.value, (0, 0.0))
    return Load(int(queued), int(running), float(waiting) + float(working))
