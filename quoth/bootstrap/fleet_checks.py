"""Whether what processes share that do jobs together is there, and who is; writes nothing."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine, inspect, select

from quoth.adapters.sql.postgres import postgres_engine
from quoth.adapters.sql.schema import STORES, WORKERS, reading
from quoth.adapters.sql.workers import SqlWorkerStore
from quoth.adapters.storage.store_identity import NAME
from quoth.bootstrap.findings import Finding, Level, parted
from quoth.bootstrap.stores import is_bucket, jobs_folder
from quoth.config import Settings
from quoth.domain.job_errors import NoDatabase, WrongStore
from quoth.ports.workers import Worker

SUBJECT = "database"


def shared_jobs(settings: Settings) -> Iterator[Finding]:
    """Look at the database, the store, and the processes on both."""
    if settings.database_url is None:
        if settings.engine == "none":
            yield Finding(SUBJECT, Level.FAILED, *parted(str(NoDatabase())))
        else:
            yield Finding(SUBJECT, Level.OK, "SQLite in the data folder, for one process")
        return
    engine = postgres_engine(settings.database_url)
    try:
        with reading(engine) as connection:  # raises where it cannot be reached
            version = str(connection.exec_driver_sql("SHOW server_version").scalar())
        yield Finding(SUBJECT, Level.OK, f"Postgres {version}")
        if inspect(engine).has_table(WORKERS.name):
            if not is_bucket(settings):  # a bucket is looked at for itself
                yield _store(settings, engine)
            yield _workers(SqlWorkerStore(engine).serving(settings.takeover_seconds), settings)
    finally:
        engine.dispose()


def _store(settings: Settings, engine: Engine) -> Finding:
    folder = jobs_folder(settings)
    with reading(engine) as connection:
        wanted = connection.execute(select(STORES.c.id)).scalar()
    path = folder / NAME
    here = path.read_text("ascii").strip() if path.is_file() else None
    if wanted is None or here == wanted:
        return Finding("store of the jobs", Level.OK, f"jobs are in {folder}")
    told, cure = parted(str(WrongStore(str(folder), here or "none yet", wanted)))
    return Finding("store of the jobs", Level.FAILED, told, cure)


def _workers(there: Sequence[Worker], settings: Settings) -> Finding:
    able = [worker for worker in there if worker.models]
    if able:
        told = ", ".join(f"{worker.models[0].model} on {worker.host}" for worker in able)
        return Finding("workers", Level.OK, f"{len(able)} up: {told}")
    level = Level.NOTE if settings.engine == "none" else Level.OK
    return Finding("workers", level, "none is up", "Start one with `quoth worker`.")
