"""Postgres that is stopped, frozen and there again, as the engine on it sees that."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from quoth.adapters.sql.schema import open_database, reading
from quoth.adapters.sql.watch import DatabaseWatch
from quoth.domain.job_errors import DatabaseUnavailable
from tests.postgres import Postgres

RECOVERY_SECONDS = 5.0

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(own_postgres: Postgres) -> Iterator[Engine]:
    engine = open_database(own_postgres.url("postgres"))
    watch = DatabaseWatch(engine)
    watch.start()
    yield engine
    watch.stop()
    engine.dispose()


def ask(engine: Engine, question: str = "SELECT 1") -> None:
    with reading(engine) as connection:
        connection.execute(text(question))


def recovers(engine: Engine) -> float:
    """Return after how many seconds it answers again."""
    began = time.monotonic()
    while time.monotonic() - began < 2 * RECOVERY_SECONDS:
        try:
            ask(engine)
        except DatabaseUnavailable:
            time.sleep(0.05)
        else:
            return time.monotonic() - began
    pytest.fail("it never came back")


def test_a_stopped_server_is_unavailable_and_used_again_when_it_is_back(
    own_postgres: Postgres, engine: Engine
) -> None:
    ask(engine)
    own_postgres.stop()
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable, match="DATABASE_URL"):
            ask(engine)
    own_postgres.start()
    assert recovers(engine) < RECOVERY_SECONDS


def test_a_restart_between_two_questions_is_not_noticed(
    own_postgres: Postgres, engine: Engine
) -> None:
    ask(engine)
    own_postgres.stop()
    own_postgres.start()
    ask(engine)


def timed(ask: Callable[[], None]) -> float:
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        ask()
    return time.monotonic() - began


def test_who_waits_for_a_frozen_server_is_told_and_who_comes_later_at_once(
    own_postgres: Postgres, engine: Engine
) -> None:
    ask(engine)
    with ThreadPoolExecutor(8) as threads:
        with own_postgres.frozen():
            waited = list(threads.map(lambda _: timed(lambda: ask(engine)), range(8)))
            assert max(waited) < 6.0
            assert timed(lambda: ask(engine)) < 0.5
        assert recovers(engine) < RECOVERY_SECONDS


def test_who_is_frozen_in_a_transaction_holds_up_nobody_for_long(engine: Engine) -> None:
    question = "SELECT pg_advisory_xact_lock(1)"
    with engine.connect() as frozen:
        frozen.execute(text("SET idle_in_transaction_session_timeout = '1s'"))
        frozen.commit()
        frozen.execute(text(question))
        began = time.monotonic()
        ask(engine, question)
        assert 0.5 < time.monotonic() - began < 5.0
        frozen.invalidate()
    with reading(engine) as connection:
        shown = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
    assert shown == "10s"
