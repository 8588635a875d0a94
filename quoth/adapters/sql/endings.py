"""The `EndingStore` on SQLAlchemy: a note for each ending that somebody is to be told of."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, and_, select

from quoth.adapters.sql.rows import job_of
from quoth.adapters.sql.schema import ENDINGS, JOBS, reading
from quoth.domain.jobs import FINAL, Job

_COLUMNS = ENDINGS.c


def note_ending(connection: Connection, job: Job) -> None:
    """Note in the transaction that ends a job that somebody is to be told, if somebody is.

    An attempt can end twice: what was completed fails when its transcript is found to be lost.
    """
    if job.status.is_final and job.options.webhook_url is not None:
        note = {"job_id": job.id, "attempt": job.attempt}
        same = and_(*(_COLUMNS[name] == value for name, value in note.items()))
        connection.execute(ENDINGS.delete().where(same))
        connection.execute(ENDINGS.insert().values(note))


class SqlEndingStore:
    """Endings in the database of the jobs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def untold(self) -> Sequence[Job]:
        """Return jobs whose ending is not queued to be told yet, the oldest first.

        What was tried again since has another attempt and is told of when that one ends.
        """
        same = and_(_COLUMNS.job_id == JOBS.c.id, _COLUMNS.attempt == JOBS.c.attempt)
        ended = JOBS.c.status.in_([status.value for status in FINAL])
        query = select(JOBS).join(ENDINGS, same).where(ended).order_by(JOBS.c.finished)
        with reading(self._engine) as connection:
            return [job_of(row) for row in connection.execute(query)]

    def told(self, job: Job) -> None:
        """Note that the ending of an attempt is queued to be told, and those before are past."""
        past = and_(_COLUMNS.job_id == job.id, _COLUMNS.attempt <= job.attempt)
        with self._engine.begin() as connection:
            connection.execute(ENDINGS.delete().where(past))
