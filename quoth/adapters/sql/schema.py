"""The tables, and the engine that talks to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateColumn

from quoth.adapters.sql.postgres import postgres_engine
from quoth.adapters.sqlite.turns import LONGEST_WAIT_SECONDS, TurnTaking
from quoth.domain.job_errors import DatabaseUnavailable

SCHEMA_VERSION = 1
"""Counts up when a version before could not work with the tables."""

_MAKING_TABLES = 0x71756F7468
"""The lock of whoever makes tables: "quoth" in ASCII."""

READING = "quoth_reading"
"""Option of a connection that only reads, and so waits for nobody; each statement for itself."""

MAY_BE_LOST = "quoth_may_be_lost"
"""Option of a connection whose commits do not wait for the disk: a power cut may take them, until
the next commit of anybody that does wait."""
LONGEST_NAME = 255
LONGEST_KEY = 255

METADATA = MetaData()

JOBS = Table(
    "quoth_jobs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("name", String(LONGEST_NAME), nullable=False),
    Column("status", String(16), nullable=False),
    Column("options", JSON, nullable=False),
    Column("created", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("queue", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("stage", String(16)),
    Column("fraction", Float, nullable=False),
    Column("remaining", Float),
    Column("started", Float),
    Column("finished", Float),
    Column("failure_message", String),
    Column("failure_code", String(32)),
    Column("revision", Integer, nullable=False),
    Column("has_audio", Boolean, nullable=False),
    Column("idempotency_key", String(LONGEST_KEY)),
    Column("fingerprint", String(64), nullable=False),
    Column("lease", Integer, nullable=False, server_default="0"),
    Column("route", String(255)),
    UniqueConstraint("owner", "idempotency_key"),
    Index("quoth_jobs_by_age", "owner", "created", "id"),
    Index("quoth_jobs_by_status", "status", "queue", "priority"),
)


def _of_a_job() -> Column[str]:
    owner = ForeignKey(JOBS.c.id, ondelete="CASCADE")
    return Column("job_id", String(32), owner, nullable=False)


ENDINGS = Table(
    "quoth_endings",
    METADATA,
    _of_a_job(),
    Column("attempt", Integer, nullable=False),
    PrimaryKeyConstraint("job_id", "attempt"),
)
"""Endings of attempts that somebody is to be told of and that are not queued to be told."""

SHARES = Table(
    "quoth_shares",
    METADATA,
    Column("id", String(32), primary_key=True),
    _of_a_job(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("label", String(255), nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Index("quoth_shares_by_job", "job_id", "created"),
)

USAGE = Table(
    "quoth_usage",
    METADATA,
    Column("owner", String(64), nullable=False),
    Column("day", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "day"),
)
"""What was sent in with each key, by days since the epoch."""

LAST_USES = Table(
    "quoth_last_uses",
    METADATA,
    Column("key_id", String(64), primary_key=True),
    Column("at", Float, nullable=False),
)

TICKETS = Table(
    "quoth_tickets",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("opens", String(255), nullable=False),
    Column("expires", Float, nullable=False),
    Index("quoth_tickets_by_key", "key", "opens", "expires"),
    Index("quoth_tickets_by_age", "expires"),
)
"""What browsers show where they cannot send a key; for minutes, or hours."""

WORKERS = Table(
    "quoth_workers",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("models", JSON, nullable=False),
    Column("diarizer", JSON),
    Column("state", String(16), nullable=False),
    Column("heartbeat", Float, nullable=False),
    Column("started", Float, nullable=False),
)
"""Processes that share the database: what they can do, and when they were heard of last."""

STORES = Table("quoth_store", METADATA, Column("id", String(32), primary_key=True))
"""The folder or bucket that the jobs of this database lie in: one row."""

VERSIONS = Table("quoth_schema", METADATA, Column("version", Integer, primary_key=True))


def open_database(url: str) -> Engine:
    """Return an engine for a database whose tables are there.

    Args:
        url: `sqlite:///path` or `postgresql://...`.

    Raises:
        DatabaseUnavailable: if it cannot be reached, or a newer Quoth made its tables.
    """
    try:
        engine = _engine(url)
    except (SQLAlchemyError, ValueError, ImportError):  # their messages can have the password
        raise DatabaseUnavailable("it is no URL of Postgres that can be read") from None
    try:
        with engine.begin() as connection:
            alone(connection)
            METADATA.create_all(connection)
            _add_columns(connection)
            _check_version(connection)
    except SQLAlchemyError as error:
        detail = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise DatabaseUnavailable(detail) from error
    return engine


def sqlite_url(path: Path) -> str:
    """Return the URL of a file."""
    return f"sqlite:///{path}"


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return postgres_engine(url)
    options = {"timeout": LONGEST_WAIT_SECONDS, "factory": TurnTaking}
    # What people said is among the parameters, and errors with them come into the log.
    engine = create_engine(url, connect_args=options, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # what was acknowledged survives a power cut
            "secure_delete=ON",  # what was deleted is overwritten
            "busy_timeout=30000",
            "foreign_keys=ON",  # what belongs to a job goes with it
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # The write lock first: a transaction that reads and then writes is never turned away.
        options = connection.get_execution_options()
        if options.get(READING):
            return
        wanted = "NORMAL" if options.get(MAY_BE_LOST) else "FULL"
        if connection.info.get("synchronous", "FULL") != wanted:
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def alone(connection: Connection) -> None:
    """Wait for others who make tables: Postgres lets two who find none begin to make one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MAKING_TABLES})


def _add_columns(connection: Connection) -> None:
    """Add columns that tables of an older version lack; what it wrote stays as it is."""
    there = inspect(connection)
    for table in METADATA.sorted_tables:
        known = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                made = CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {made}"))


def _check_version(connection: Connection) -> None:
    found = connection.execute(VERSIONS.select()).scalars().all()
    if not found:
        connection.execute(VERSIONS.insert().values(version=SCHEMA_VERSION))
    elif max(found) > SCHEMA_VERSION:
        raise DatabaseUnavailable("a newer version of Quoth made its tables; update Quoth")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection to read with."""
    with engine.connect() as connection:
        yield connection.execution_options(**{READING: True})


@contextmanager
def changing(engine: Engine, *, may_be_lost: bool = False) -> Iterator[Connection]:
    """Give a connection to change things with, in one transaction.

    Args:
        engine: to connect with.
        may_be_lost: whether a power cut may take the change back.
    """
    with engine.connect() as connection:
        connection.execution_options(**{MAY_BE_LOST: may_be_lost})
        with connection.begin():
            yield connection


def is_sqlite(engine: Engine) -> bool:
    """Whether it is a file here."""
    return engine.dialect.name == "sqlite"


def creating(engine: Engine, *statements: str) -> None:
    """Run statements that make something unless it is there, in one transaction."""
    with engine.begin() as connection:
        alone(connection)
        for statement in statements:
            connection.execute(text(statement))


def run(engine: Engine, *statements: str) -> None:
    """Run statements in one transaction."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
