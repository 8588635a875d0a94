"""Noticing a Postgres that says nothing any more: it is frozen, or its machine is.

Whoever asked it something would wait for ever. So it is asked each second whether it is there; when
it has not answered for three seconds the connections to it are cut: what waits fails, and what
comes fails at once, until it answers again.
"""

import logging
import os
import socket
import time
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any
from weakref import WeakSet

import psycopg
from sqlalchemy import Engine, event

from quoth.adapters.sql.postgres import CONNECTION
from quoth.domain.job_errors import DatabaseUnavailable

ASK_SECONDS = 0.5
PATIENCE_SECONDS = 3.0
SILENT = f"it has not answered for {PATIENCE_SECONDS:g} s"

log = logging.getLogger(__name__)


class DatabaseWatch:
    """Watches the server of an engine, and cuts the engine's connections while it is silent.

    Args:
        engine: of Postgres.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connections: WeakSet[Any] = WeakSet()
        self._lock = Lock()
        self._answered = time.monotonic()
        self._asking: psycopg.Connection | None = None
        self._over = Event()
        self.is_silent = False
        event.listen(engine, "do_connect", self._before_connecting)
        event.listen(engine, "connect", self._connected)
        engine.dispose()  # connections of before are not known here

    def start(self) -> None:
        """Begin."""
        self._answered = time.monotonic()
        for work in (self._ask, self._judge):
            Thread(target=work, name="database watch", daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._over.set()

    def _before_connecting(self, *_: object) -> None:
        if self.is_silent:
            raise DatabaseUnavailable(SILENT)

    def _connected(self, connection: Any, _record: object) -> None:
        with self._lock:
            self._connections.add(connection)

    def _ask(self) -> None:
        url = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        options: dict[str, Any] = dict(CONNECTION)
        while not self._over.is_set():
            try:
                with psycopg.connect(url, autocommit=True, **options) as connection:
                    self._asking = connection
                    while not self._over.is_set():
                        connection.execute("SELECT 1")
                        self._answered = time.monotonic()
                        self._over.wait(ASK_SECONDS)
            except psycopg.Error:
                # A server that is stopped says so, and everybody hears it for themselves.
                self._over.wait(ASK_SECONDS)

    def _judge(self) -> None:
        while not self._over.wait(ASK_SECONDS):
            is_silent = time.monotonic() - self._answered > PATIENCE_SECONDS
            if is_silent and not self.is_silent:
                log.error("The database with the jobs is away: %s.", SILENT)
                self.is_silent = True
                self._cut()
            elif not is_silent and self.is_silent:
                log.warning("The database with the jobs is back.")
                self.is_silent = False

    def _cut(self) -> None:
        self._engine.dispose(close=False)  # none of them is used again
        with self._lock:
            cut = [*self._connections, *([self._asking] if self._asking else [])]
            self._connections.clear()
        for connection in cut:
            with suppress(psycopg.Error, OSError):
                end = socket.socket(fileno=os.dup(connection.fileno()))
                with end:
                    end.shutdown(socket.SHUT_RDWR)
