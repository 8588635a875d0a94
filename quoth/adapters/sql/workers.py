"""The `WorkerStore` on Postgres, by whose clock everybody's heart beats."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from quoth.adapters.sql.schema import WORKERS, reading
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.transcriber import EngineInfo
from quoth.ports.workers import Worker, WorkerState

_COLUMNS = WORKERS.c
_LIVE = (WorkerState.SERVING.value, WorkerState.DRAINING.value)


def is_serving(worker_id: str) -> ColumnElement[bool]:
    """Whether a process was not declared dead, to be asked within another statement.

    Its row stays as it is until that statement's transaction ends: it cannot be declared dead and
    its jobs handed on while it takes one.
    """
    live = select(_COLUMNS.id).where(_COLUMNS.id == worker_id, _COLUMNS.state.in_(_LIVE))
    return exists(live.with_for_update(read=True))


class SqlWorkerStore:
    """Processes as rows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def announce(self, worker: Worker) -> None:
        """Put a process on the list; see the port."""
        values: dict[str, Any] = {
            "host": worker.host,
            "models": [asdict(info) for info in worker.models],
            "diarizer": worker.diarizer and asdict(worker.diarizer),
            "state": worker.state.value,
            "heartbeat": _now(),
            "started": _now(),
        }
        put = insert(WORKERS).values(id=worker.id, **values)
        with self._engine.begin() as connection:
            connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=values))

    def beat(self, worker_id: str, state: WorkerState) -> float | None:
        """Note that a process lives; see the port."""
        is_mine = _COLUMNS.id == worker_id, _COLUMNS.state.in_(_LIVE)
        silence = select(_now() - _COLUMNS.heartbeat).where(*is_mine).with_for_update()
        change = update(WORKERS).where(*is_mine).values(heartbeat=_now(), state=state.value)
        with self._engine.begin() as connection:
            found = connection.execute(silence).scalar()
            connection.execute(change)
        return found

    def serving(self, seconds: float) -> Sequence[Worker]:
        """Return the processes that take jobs and were heard of lately; see the port."""
        is_up = _COLUMNS.state == WorkerState.SERVING.value
        query = select(WORKERS).where(is_up, _COLUMNS.heartbeat > _now() - seconds)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(_COLUMNS.started, _COLUMNS.id)).mappings()
            return [
                Worker(
                    row["id"],
                    row["host"],
                    tuple(_info(content) for content in row["models"]),
                    DiarizerInfo(**row["diarizer"]) if row["diarizer"] else None,
                    WorkerState(row["state"]),
                )
                for row in rows
            ]

    def ids(self) -> set[str]:
        """Return all that are on the list; see the port."""
        with reading(self._engine) as connection:
            return set(connection.execute(select(_COLUMNS.id)).scalars())

    def bury(self, seconds: float) -> Sequence[str]:
        """Declare dead who was not heard of for so long; see the port."""
        # A dead one's heartbeat is when its work was given to somebody to hand on.
        silent = _COLUMNS.heartbeat <= _now() - seconds
        values = {"state": WorkerState.DEAD.value, "heartbeat": _now()}
        change = update(WORKERS).where(silent).values(values).returning(_COLUMNS.id)
        with self._engine.begin() as connection:
            return list(connection.execute(change).scalars())

    def remove(self, worker_id: str) -> None:
        """Take a process off the list; see the port."""
        with self._engine.begin() as connection:
            connection.execute(delete(WORKERS).where(_COLUMNS.id == worker_id))


def _now() -> ColumnElement[float]:
    return func.extract("epoch", func.clock_timestamp()).cast(_COLUMNS.heartbeat.type)


def _info(content: dict[str, Any]) -> EngineInfo:
    known = {name: content[name] for name in EngineInfo.__dataclass_fields__ if name in content}
    return EngineInfo(**known | {"languages": tuple(content["languages"])})
