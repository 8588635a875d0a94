"""The `TicketStore` on SQLAlchemy: whoever shares the jobs shares the tickets to them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, RowMapping, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from quoth.adapters.sql.schema import TICKETS, changing, reading
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.tickets import Ticket

_COLUMNS = TICKETS.c


class SqlTicketStore:
    """Tickets in the database of the jobs. A power cut may take them: their holders get others."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, ticket: Ticket, now: float, most: int) -> None:
        """Keep a ticket; see the port."""
        alike = _COLUMNS.key == ticket.key, _COLUMNS.opens == ticket.opens
        newest_first = select(_COLUMNS.expires).where(*alike).order_by(_COLUMNS.expires.desc())
        row = {
            "digest": ticket.digest,
            "key": ticket.key,
            "opens": ticket.opens,
            "expires": ticket.expires,
        }
        with _told(), changing(self._engine, may_be_lost=True) as connection:
            connection.execute(delete(TICKETS).where(_COLUMNS.expires <= now))
            too_old = connection.execute(newest_first.offset(most - 1).limit(1)).scalar()
            if too_old is not None:
                connection.execute(delete(TICKETS).where(*alike, _COLUMNS.expires <= too_old))
            connection.execute(insert(TICKETS).values(row))

    def find(self, digest: str, now: float) -> Ticket | None:
        """Return a ticket that is good at a time; see the port."""
        good = _COLUMNS.digest == digest, _COLUMNS.expires > now
        with _told(), reading(self._engine) as connection:
            row = connection.execute(select(TICKETS).where(*good)).mappings().first()
        return None if row is None else _ticket(row)

    def take(self, digest: str, now: float) -> Ticket | None:
        """Return a ticket and keep it no longer; see the port."""
        taking = delete(TICKETS).where(_COLUMNS.digest == digest).returning(*_COLUMNS)
        with _told(), changing(self._engine, may_be_lost=True) as connection:
            row = connection.execute(taking).mappings().first()
        return _ticket(row) if row is not None and row["expires"] > now else None

    def remove(self, digest: str) -> None:
        """Keep a ticket no longer."""
        with _told(), changing(self._engine, may_be_lost=True) as connection:
            connection.execute(delete(TICKETS).where(_COLUMNS.digest == digest))


def _ticket(row: RowMapping) -> Ticket:
    return Ticket(row["digest"], row["key"], row["opens"], row["expires"])


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(type(error).__name__) from error
