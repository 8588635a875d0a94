"""SQLite's write lock, for which the threads of a process wait in turn.

SQLite itself tries again after pauses that grow to a tenth of a second, while the lock is held for
a millisecond: where several threads write, most of their time was slept away. Here they wait for
one another by a lock that wakes the next at once. SQLite's own lock still decides, among processes.
"""

import sqlite3
from collections import defaultdict
from threading import Lock
from typing import Any, Self

LONGEST_WAIT_SECONDS = 30.0
"""After which SQLite is asked anyway, and says that the database is locked."""
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")

_turns: defaultdict[str, Lock] = defaultdict(Lock)


class TurnTaking(sqlite3.Connection):
    """A connection that waits until it is its turn to write; see `sqlite3.Connection`."""

    def __init__(self, database: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(database, *arguments, **options)
        self._turn = _turns[str(database)]
        self._has_turn = False

    def take_turn(self) -> None:
        """Wait until nobody else in this process writes; it lasts until the transaction ends."""
        if not self._has_turn:
            self._has_turn = self._turn.acquire(timeout=LONGEST_WAIT_SECONDS)

    def cursor(self, factory: Any = None) -> Any:
        """Return a cursor that takes the turn before it writes."""
        return super().cursor(factory or _Cursor)

    def commit(self) -> None:
        """End the transaction, and the turn."""
        try:
            super().commit()
        finally:
            self._end_turn()

    def rollback(self) -> None:
        """End the transaction, and the turn."""
        try:
            super().rollback()
        finally:
            self._end_turn()

    def close(self) -> None:
        """Close, which ends the turn."""
        try:
            super().close()
        finally:
            self._end_turn(is_over=True)

    def _end_turn(self, *, is_over: bool = False) -> None:
        if self._has_turn and (is_over or not self.in_transaction):
            self._has_turn = False
            self._turn.release()


class _Cursor(sqlite3.Cursor):
    """A cursor of a connection that begins transactions by itself, or is told to."""

    connection: TurnTaking

    def execute(self, sql: str, *parameters: Any) -> Self:
        """Run a statement; see `sqlite3.Cursor`."""
        connection = self.connection
        if not connection.in_transaction and _begins_to_write(sql, connection.isolation_level):
            connection.take_turn()
        return super().execute(sql, *parameters)


def _begins_to_write(sql: str, isolation_level: str | None) -> bool:
    first = sql[:16].lstrip().upper()
    if isolation_level is None:
        return first.startswith("BEGIN IMMEDIATE")
    return first.startswith(_WRITES)
