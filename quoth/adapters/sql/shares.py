"""The `ShareStore` on SQLAlchemy."""

from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from quoth.adapters.sql.rows import job_of
from quoth.adapters.sql.schema import JOBS, SHARES, reading
from quoth.domain.jobs import Job
from quoth.domain.shares import Share

_COLUMNS = SHARES.c


class SqlShareStore:
    """Shares in the database of the jobs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, share: Share) -> bool:
        """Write a new share down; see the port."""
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    SHARES.insert().values(
                        id=share.id,
                        job_id=share.job_id,
                        digest=share.digest,
                        label=share.label,
                        created=share.created,
                        expires=share.expires,
                    )
                )
        except IntegrityError:  # the job was deleted this very moment
            return False
        return True

    def of_job(self, job_id: str, now: float) -> Sequence[Share]:
        """Return the shares of a job that are good at a time, the oldest first."""
        good = _COLUMNS.job_id == job_id, _COLUMNS.expires > now
        query = select(SHARES).where(*good).order_by(_COLUMNS.created, _COLUMNS.id)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Share(
                id=row["id"],
                job_id=row["job_id"],
                digest=row["digest"],
                label=row["label"],
                created=row["created"],
                expires=row["expires"],
            )
            for row in rows
        ]

    def job_of(self, digest: str, now: float) -> Job | None:
        """Return the job that a token opens at a time; see the port."""
        good = _COLUMNS.digest == digest, _COLUMNS.expires > now
        query = select(JOBS).join(SHARES, _COLUMNS.job_id == JOBS.c.id).where(*good)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return job_of(row) if row else None

    def remove(self, job_id: str, share_id: str) -> bool:
        """Revoke a share of a job; see the port."""
        where = _COLUMNS.job_id == job_id, _COLUMNS.id == share_id
        with self._engine.begin() as connection:
            return bool(connection.execute(SHARES.delete().where(*where)).rowcount)

    def remove_expired(self, now: float) -> None:
        """Remove all that are not good any more at a time."""
        with self._engine.begin() as connection:
            connection.execute(SHARES.delete().where(_COLUMNS.expires <= now))
