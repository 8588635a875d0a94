"""The `UsageStore` on SQLAlchemy."""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from quoth.adapters.sql.schema import LAST_USES, USAGE, reading
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.keys import Quotas, Used

_COLUMNS = USAGE.c


class SqlUsageStore:
    """Usage in the database of the jobs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def charge(self, owner: str, day: int, seconds: float, size_bytes: int, quotas: Quotas) -> bool:
        """Add to what an owner used in a day; see the port."""
        _make_row(self._engine, USAGE, owner=owner, day=day, seconds=0.0, size_bytes=0)
        wanted = [_COLUMNS.owner == owner, _COLUMNS.day == day]
        if (most := quotas.audio_seconds_per_day) is not None:
            wanted.append(_COLUMNS.seconds + seconds <= most)
        if (most := quotas.bytes_per_day) is not None:
            wanted.append(_COLUMNS.size_bytes + size_bytes <= most)
        more = {
            "seconds": _COLUMNS.seconds + seconds,
            "size_bytes": _COLUMNS.size_bytes + size_bytes,
        }
        with self._engine.begin() as connection:
            return bool(connection.execute(update(USAGE).where(*wanted).values(more)).rowcount)

    def note_use(self, key_id: str, at: float) -> None:
        """Note that a key was used; see the port."""
        mine = LAST_USES.c.key_id == key_id, LAST_USES.c.at < at
        try:
            _make_row(self._engine, LAST_USES, key_id=key_id, at=at)
            with self._engine.begin() as connection:
                connection.execute(update(LAST_USES).where(*mine).values(at=at))
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(type(error).__name__) from error

    def of_day(self, day: int) -> Mapping[str, Used]:
        """Return what each owner used in a day; see the port."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(USAGE).where(_COLUMNS.day == day)).mappings().all()
        return {row["owner"]: Used(row["seconds"], row["size_bytes"]) for row in rows}

    def last_uses(self) -> Mapping[str, float]:
        """Return when each key was used last."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(LAST_USES)).mappings().all()
        return {row["key_id"]: row["at"] for row in rows}


def _make_row(engine: Engine, table: Table, **values: str | float) -> None:
    """Make a row unless it is there."""
    keys = [column == values[column.name] for column in table.primary_key]

    def is_there(connection: Connection) -> bool:
        return connection.execute(select(table).where(*keys)).first() is not None

    with reading(engine) as connection:
        if is_there(connection):
            return
    try:
        with engine.begin() as connection:
            connection.execute(insert(table).values(**values))
    except IntegrityError:  # somebody else made it this very moment
        return
