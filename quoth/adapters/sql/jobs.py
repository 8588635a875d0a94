"""The `JobStore` on SQLAlchemy."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Engine,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from quoth.adapters.sql import changes, waiting
from quoth.adapters.sql.changes import Change
from quoth.adapters.sql.endings import note_ending
from quoth.adapters.sql.notices import note_change
from quoth.adapters.sql.rows import job_of, kept_key, row_of
from quoth.adapters.sql.schema import JOBS, changing, reading
from quoth.adapters.sql.search import search_index
from quoth.domain.job_errors import IdempotencyConflict
from quoth.domain.jobs import Failure, Job, JobProgress, JobStatus
from quoth.ports.jobs import JobFilter, Load

_COLUMNS = JOBS.c
_NEXT_REVISION = {"revision": _COLUMNS.revision + 1}

# What is asked for each job is put together once: that takes longer than to ask.
_BY_ID = select(JOBS).where(_COLUMNS.id == bindparam("id"))
_OWNED = _BY_ID.where(_COLUMNS.owner == bindparam("owner"))


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
        return self._update(job_id, changes.moved_on(status, now, failure, run))

    def take(self, job_id: str, attempt: int, now: float, worker: str | None = None) -> Job | None:
        """Begin an attempt, or take over one that was begun; see the port."""
        return self._update(job_id, changes.taken(attempt, now, worker))

    def holds(self, job: Job) -> bool:
        """Whether a run may still write; see the port."""
        query = select(_COLUMNS.id).where(_COLUMNS.id == job.id, changes.is_held(job))
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def retry(self, job_id: str) -> Job | None:
        """Queue a failed or cancelled job once more; see the port."""
        return self._update(job_id, changes.RETRY)

    def advance(self, job: Job, progress: JobProgress) -> Job | None:
        """Note how far a running attempt is; see the port."""
        return self._update(job.id, changes.advanced(job, progress))

    def set_route(self, job: Job, route: str) -> None:
        """Note whose workers are to do an attempt that waits; see the port."""
        self._update(job.id, changes.routed(job, route))

    def measured(self, job: Job, seconds: float) -> None:
        """Note how long a recording really is; see the port."""
        self._update(job.id, changes.measured(job, seconds))

    def audio_gone(self, job_id: str) -> Job | None:
        """Note that the recording of a finished job is not kept any more; see the port."""
        return self._update(job_id, changes.AUDIO_GONE)

    def touch(self, job_id: str) -> None:
        """Note that something of a job changed that is not in its row."""
        self._update(job_id, changes.TOUCH)

    def rename(self, job_id: str, name: str) -> None:
        """Show a job under another name."""
        self._update(job_id, changes.renamed(name))
        with self._engine.begin() as connection:
            self._search.rename(connection, job_id, name)

    def _update(self, job_id: str, change: Change) -> Job | None:
        values = change.values | _NEXT_REVISION
        statement = update(JOBS).where(_COLUMNS.id == job_id, change.where).values(values)
        with changing(self._engine, may_be_lost=change.may_be_lost) as connection:
            row = connection.execute(statement.returning(*_COLUMNS)).first()
            changed = job_of(row) if row else None
            if changed is not None:
                note_change(connection, job_id)
                if "finished" in change.values:
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
        with reading(self._engine) as connection:
            return waiting.position(connection, job)

    def turn_state(self, owner: str, lane: str) -> tuple[int, int | None]:
        """Return the lane's virtual time and where the owner's last job in it ends."""
        with reading(self._engine) as connection:
            return waiting.turn_state(connection, owner, lane)

    def load(self) -> Load:
        """Return what waits and runs."""
        with reading(self._engine) as connection:
            return waiting.load(connection)

    def delete(self, job_id: str) -> None:
        """Forget a job; see the port."""
        with self._engine.begin() as connection:
            connection.execute(JOBS.delete().where(_COLUMNS.id == job_id))
            self._search.remove(connection, job_id)
            note_change(connection, job_id)
        self._search.settle(job_id)
