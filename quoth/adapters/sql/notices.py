"""Hearing of jobs that other processes changed, by LISTEN and NOTIFY of Postgres.

A change and its notice are one transaction, so nobody hears of what is not there. Who was away
hears nothing of what happened meanwhile, and is told so.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Connection, Engine, text

from quoth.adapters.sql.postgres import CONNECTION

CHANNEL = "quoth_jobs"
LOOK_SECONDS = 1.0
OURS = uuid4().hex[:8]
"""Of this process: it needs no notice of what it did itself."""

log = logging.getLogger(__name__)


def note_change(connection: Connection, job_id: str) -> None:
    """Tell other processes of a change, when it is committed; on SQLite there are none."""
    if connection.dialect.name == "postgresql":
        notice = {"channel": CHANNEL, "notice": f"{OURS} {job_id}"}
        connection.execute(text("SELECT pg_notify(:channel, :notice)"), notice)


class JobNotices:
    """Listens.

    Args:
        engine: of Postgres.
        hear: called with the id of a job that another process changed; with None when some may
            have been missed.
    """

    def __init__(self, engine: Engine, hear: Callable[[str | None], None]) -> None:
        self._url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._hear = hear
        self._over = Event()

    def start(self) -> None:
        """Begin."""
        Thread(target=self._run, name="job notices", daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._over.set()

    def _run(self) -> None:
        options: dict[str, Any] = dict(CONNECTION)
        while not self._over.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, **options) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._told(None)
                    while not self._over.is_set():
                        for notice in connection.notifies(timeout=LOOK_SECONDS):
                            origin, _, job_id = notice.payload.partition(" ")
                            if origin != OURS:
                                self._told(job_id)
            except psycopg.Error as error:
                log.info("job notices: %s", error)
                self._over.wait(LOOK_SECONDS)

    def _told(self, job_id: str | None) -> None:
        try:
            self._hear(job_id)
        except Exception:  # the next look at the row makes up for it
            log.exception("told of job %s in vain", job_id)
