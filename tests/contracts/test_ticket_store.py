"""Tickets wherever they are kept: in this process, in SQLite, in Postgres."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from quoth.adapters.memory.tickets import MemoryTicketStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.adapters.sql.tickets import SqlTicketStore
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.tickets import MEDIA, Ticket
from quoth.ports.tickets import TicketStore
from tests.contracts.conftest import DATABASES
from tests.postgres import Postgres

NOW = 1_800_000_000.0
PLENTY = 100
AT_ONCE = 8


@pytest.fixture(params=["memory", *DATABASES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TicketStore]:
    if request.param == "memory":
        yield MemoryTicketStore()
        return
    url = sqlite_url(tmp_path / "jobs.sqlite")
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.emptied()
    engine = open_database(url)
    yield SqlTicketStore(engine)
    engine.dispose()


def a_ticket(
    digest: str = "d1", key: str = "k1", opens: str = MEDIA, expires: float = 60
) -> Ticket:
    return Ticket(digest, key, opens, NOW + expires)


def test_one_of_many_who_take_a_ticket_at_once_gets_it(store: TicketStore) -> None:
    store.add(a_ticket(opens="/v1/jobs/events"), NOW, PLENTY)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        taken = list(threads.map(lambda _: store.take("d1", NOW), range(AT_ONCE)))
    assert [each for each in taken if each is not None] == [a_ticket(opens="/v1/jobs/events")]


def test_what_is_found_stays_until_it_is_removed(store: TicketStore) -> None:
    store.add(a_ticket(), NOW, PLENTY)
    assert store.find("d1", NOW) == store.find("d1", NOW) == a_ticket()
    assert store.find("d2", NOW) is None
    store.remove("d1")
    store.remove("d1")
    assert store.find("d1", NOW) is None
    assert store.take("d1", NOW) is None


def test_what_has_expired_opens_nothing(store: TicketStore) -> None:
    store.add(a_ticket(expires=60), NOW, PLENTY)
    assert store.find("d1", NOW + 60) is None
    assert store.take("d1", NOW + 60) is None


def test_the_oldest_of_too_many_alike_go_and_others_stay(store: TicketStore) -> None:
    store.add(a_ticket("other key", key="k2", expires=1), NOW, 2)
    store.add(a_ticket("other path", opens="/v1/realtime", expires=1), NOW, 2)
    for number in range(1, 5):
        store.add(a_ticket(f"d{number}", expires=number * 10), NOW, 2)
    found = [store.find(digest, NOW) is not None for digest in ("d1", "d2", "d3", "d4")]
    assert found == [False, False, True, True]
    assert store.find("other key", NOW)
    assert store.find("other path", NOW)


def test_what_is_over_is_not_kept(engine: Engine) -> None:
    store = SqlTicketStore(engine)
    store.add(a_ticket("old", expires=1), NOW, PLENTY)
    store.add(a_ticket("new"), NOW + 2, PLENTY)
    assert store.find("old", NOW) is None


def test_without_its_table_it_says_so(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE quoth_tickets")
    for ask in (SqlTicketStore(engine).find, SqlTicketStore(engine).take):
        with pytest.raises(DatabaseUnavailable):
            ask("d1", NOW)
