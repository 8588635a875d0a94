"""The `JobStore` on SQLAlchemy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from quoth.adapters.sql.endings import note_ending
from quoth.adapters.sql.notices import note_change
from quoth.adapters.sql.rows import failure_columns, job_of, kept_key, row_of, shown_name
from quoth.adapters.sql.schema import JOBS, changing, reading
from quoth.adapters.sql.search import search_index
from quoth.adapters.sql.workers import is_serving
from quoth.domain.job_errors import IdempotencyConflict
from quoth.domain.jobs import FINAL, Failure, Job, JobProgress, JobStatus, sources_of
from quoth.ports.jobs import JobFilter, Load

_COLUMNS = JOBS.c
_NEXT_REVISION = {"revision": _COLUMNS.revision + 1}
_ACTIVE = (JobStatus.QUEUED.value, JobStatus.RUNNING.value)

# What is asked for each job is put together once: that takes longer than to ask.
_BY_ID = select(JOBS).where(_COLUMNS.id == bindparam("id"))
_OWNED = _BY_ID.where(_COLUMNS.owner == bindparam("owner"))
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
    .where(_COLUMNS.status.in_(_ACTIVE))
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


class SqlJobStore:
    """Jobs in a database; every change is one transaction that checks what it changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._search = search_index(engine)

    def add(self, job: Job, key: str | None, fingerprint: str) -> Job:
        """Write a new job down; see the port."""
        kept = None if key is None else kept_key(key)
        values = row_of(job) | {"idempotency_key": kept, "fingerprint": fingerprint}
        try:
            with self._engine.begin() as connection:
                connection.execute(JOBS.insert().values(values))
                self._search.add(connection, job.id, job.name)
                note_change(connection, job.id)
        except IntegrityError:
            if key is None:
                raise
            return self._asked_before(job.owner, key, fingerprint)
        return replace(job, name=values["name"])

    def by_key(self, owner: str, key: str, fingerprint: str) -> Job | None:
        """Return the job that this key asked for; see the port."""
        return self._find_key(owner, key, fingerprint)

    def _asked_before(self, owner: str, key: str, fingerprint: str) -> Job:
        found = self._find_key(owner, key, fingerprint)
        if found is None:
            raise IdempotencyConflict(key)  # it was deleted this very moment
        return found

    def _find_key(self, owner: str, key: str, fingerprint: str) -> Job | None:
        where = and_(_COLUMNS.owner == owner, _COLUMNS.idempotency_key == kept_key(key))
        with reading(self._engine) as connection:
            row = connection.execute(select(JOBS).where(where)).first()
        if row is None:
            return None
        if row._mapping["fingerprint"] != fingerprint:  # noqa: SLF001 - the public way to it
            raise IdempotencyConflict(key)
        return job_of(row)

    def get(self, job_id: str, owner: str | None = None) -> Job | None:
        """Return a job; see the port."""
        query = _BY_ID if owner is None else _OWNED
        with reading(self._engine) as connection:
            row = connection.execute(query, {"id": job_id, "owner": owner}).first()
        return job_of(row) if row else None

    def find(self, owner: str, wanted: JobFilter) -> Sequence[Job]:
        """Return jobs, the newest first."""
        where = [*self._conditions(owner, wanted)]
        if wanted.before is not None:
            created, job_id = wanted.before
            same_moment = and_(_COLUMNS.created == created, _COLUMNS.id < job_id)
            where.append(or_(_COLUMNS.created < created, same_moment))
        newest = _COLUMNS.created.desc(), _COLUMNS.id.desc()
        return self._select(select(JOBS).where(*where).order_by(*newest).limit(wanted.limit))

    def count(self, owner: str, wanted: JobFilter) -> int:
        """Return how many there are on all pages."""
        query = select(func.count()).select_from(JOBS).where(*self._conditions(owner, wanted))
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def _conditions(self, owner: str, wanted: JobFilter) -> list[Any]:
        where: list[Any] = [_COLUMNS.owner == owner]
        if wanted.statuses:
            where.append(_COLUMNS.status.in_([status.value for status in wanted.statuses]))
        condition = self._search.condition(wanted.text) if wanted.text else None
        return where if condition is None else [*where, condition]

    def by_status(self, statuses: Collection[JobStatus]) -> Sequence[Job]:
        """Return jobs of all owners, the oldest first."""
        where = _COLUMNS.status.in_([status.value for status in statuses])
        return self._select(select(JOBS).where(where).order_by(_COLUMNS.created))

    def _select(self, query: Any) -> list[Job]:
        with reading(self._engine) as connection:
            return [job_of(row) for row in connection.execute(query)]

    def ids(self) -> set[str]:
        """Return the ids of all jobs there are."""
        with reading(self._engine) as connection:
            return set(connection.execute(select(_COLUMNS.id)).scalars())

    def change(
        self,
        job_id: str,
        status: JobStatus,
        now: float,
        failure: Failure | None = None,
        run: Job | None = None,
    ) -> Job | None:
        """Move a job on if its state allows it; see the port."""
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
        can_be = and_(_COLUMNS.status.in_(before), true() if run is None else _same_run(run))
        # That it runs is found out again by whoever runs it; an ending is for good.
        return self._update(job_id, can_be, values, may_be_lost=not status.is_final)

    def take(self, job_id: str, attempt: int, now: float, worker: str | None = None) -> Job | None:
        """Begin an attempt, or take over one that was begun; see the port."""
        is_new = _COLUMNS.status == JobStatus.QUEUED.value
        values = {
            "status": JobStatus.RUNNING.value,
            "lease": _COLUMNS.lease + 1,
            "started": case((is_new, now), else_=_COLUMNS.started),
        }
        can_be = and_(
            _COLUMNS.status.in_(_ACTIVE),
            _COLUMNS.attempt == attempt,
            true() if worker is None else is_serving(worker),
        )
        return self._update(job_id, can_be, values, may_be_lost=True)

    def holds(self, job: Job) -> bool:
        """Whether a run may still write; see the port."""
        runs = _COLUMNS.status == JobStatus.RUNNING.value
        query = select(_COLUMNS.id).where(_COLUMNS.id == job.id, runs, _same_run(job))
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def retry(self, job_id: str) -> Job | None:
        """Queue a failed or cancelled job once more; see the port."""
        values = {
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
        }
        before = [source.value for source in sources_of(JobStatus.QUEUED)]
        can_be = and_(_COLUMNS.status.in_(before), _COLUMNS.has_audio)
        return self._update(job_id, can_be, values)

    def advance(self, job: Job, progress: JobProgress) -> Job | None:
        """Note how far a running attempt is; see the port."""
        values = {
            "stage": progress.stage.value if progress.stage else None,
            "fraction": progress.fraction,
            "remaining": progress.remaining,
        }
        runs = and_(_COLUMNS.status == JobStatus.RUNNING.value, _same_run(job))
        return self._update(job.id, runs, values, may_be_lost=True)

    def set_route(self, job: Job, route: str) -> None:
        """Note whose workers are to do an attempt that waits; see the port."""
        waits = _COLUMNS.status == JobStatus.QUEUED.value
        self._update(job.id, and_(waits, _COLUMNS.attempt == job.attempt), {"route": route})

    def measured(self, job: Job, seconds: float) -> None:
        """Note how long a recording really is; see the port."""
        self._update(job.id, _same_run(job), {"seconds": seconds}, may_be_lost=True)

    def audio_gone(self, job_id: str) -> Job | None:
        """Note that the recording of a finished job is not kept any more; see the port."""
        is_final = _COLUMNS.status.in_([status.value for status in FINAL])
        return self._update(job_id, is_final, {"has_audio": False})

    def touch(self, job_id: str) -> None:
        """Note that something of a job changed that is not in its row."""
        self._update(job_id, true(), {})

    def rename(self, job_id: str, name: str) -> None:
        """Show a job under another name."""
        self._update(job_id, true(), {"name": shown_name(name)})
        with self._engine.begin() as connection:
            self._search.rename(connection, job_id, name)

    def _update(
        self,
        job_id: str,
        where: ColumnElement[bool],
        values: Mapping[str, Any],
        *,
        may_be_lost: bool = False,
    ) -> Job | None:
        change = update(JOBS).where(_COLUMNS.id == job_id, where)
        with changing(self._engine, may_be_lost=may_be_lost) as connection:
            row = connection.execute(
                change.values(**values, **_NEXT_REVISION).returning(*_COLUMNS)
            ).first()
            changed = job_of(row) if row else None
            if changed is not None:
                note_change(connection, job_id)
                if "finished" in values:
                    note_ending(connection, changed)
        return changed

    def index(self, job_id: str, text: str) -> None:
        """Make a transcript findable; see the port."""
        with self._engine.begin() as connection:
            name = connection.execute(select(_COLUMNS.name).where(_COLUMNS.id == job_id)).scalar()
            if name is not None:
                self._search.put(connection, job_id, name, text)

    def position(self, job: Job) -> int:
        """Return the place of a queued job in its lane, from 1."""
        place = {"lane": job.queue, "priority": job.priority, "created": job.created}
        with reading(self._engine) as connection:
            return 1 + int(connection.execute(_SOONER, place).scalar_one())

    def turn_state(self, owner: str, lane: str) -> tuple[int, int | None]:
        """Return the lane's virtual time and where the owner's last job in it ends."""
        with reading(self._engine) as connection:
            now, end = connection.execute(_TURN_STATE, {"lane": lane, "owner": owner}).one()
        return now or 0, end

    def load(self) -> Load:
        """Return what waits and runs."""
        with reading(self._engine) as connection:
            rows = {status: (number, sum_) for status, number, sum_ in connection.execute(_LOAD)}
        queued, waiting = rows.get(JobStatus.QUEUED.value, (0, 0.0))
        running, working = rows.get(JobStatus.RUNNING.value, (0, 0.0))
        return Load(int(queued), int(running), float(waiting) + float(working))

    def delete(self, job_id: str) -> None:
        """Forget a job; see the port."""
        with self._engine.begin() as connection:
            connection.execute(JOBS.delete().where(_COLUMNS.id == job_id))
            self._search.remove(connection, job_id)
            note_change(connection, job_id)
        self._search.settle(job_id)


def _same_run(job: Job) -> ColumnElement[bool]:
    """Whether nobody tried the job again since, or took it over."""
    return and_(_COLUMNS.attempt == job.attempt, _COLUMNS.lease == job.lease)
