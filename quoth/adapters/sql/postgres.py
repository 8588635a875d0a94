"""The engine that talks to Postgres, which may be stopped, frozen or gone at any time.

What goes wrong with it is `DatabaseUnavailable` and not an error of a library.
"""

from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from quoth.domain.job_errors import DatabaseUnavailable

IDLE_TRANSACTION = "10s"
"""A process that is frozen in the middle of a transaction must not hold others up for longer."""
POOL_SECONDS = 3.0
CONNECTION = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""How libpq finds out that a machine is gone that said nothing."""


def postgres_engine(url: str) -> Engine:
    """Return an engine for `postgresql://...` or `postgres://...`."""
    url = url.replace("postgres://", "postgresql://", 1)
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=10,
        max_overflow=30,
        pool_timeout=POOL_SECONDS,
        connect_args=CONNECTION,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_TRANSACTION}'")
        connection.commit()

    @event.listens_for(engine, "handle_error")
    def explain(context: ExceptionContext) -> None:
        if context.is_pre_ping:
            return  # the pool makes another connection
        error = context.sqlalchemy_exception
        if context.is_disconnect or isinstance(error, OperationalError | InterfaceError):
            raise DatabaseUnavailable(reason(context.original_exception))

    return engine


def reason(error: BaseException) -> str:
    """Say in a line what is wrong with a database; passwords are in no message of libpq."""
    if isinstance(error, PoolTimeout):
        return "all connections to it are taken"
    original = getattr(error, "orig", None) or error
    return str(original).strip().partition("\n")[0] or type(original).__name__
