"""How the threads of a process wait for SQLite's write lock."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from quoth.adapters.sqlite import turns
from quoth.adapters.sqlite.turns import TurnTaking


def opened(path: Path, isolation_level: Literal["IMMEDIATE"] | None = None) -> TurnTaking:
    # SQLite itself waits for nobody here.
    connection = sqlite3.connect(path, timeout=0.0, check_same_thread=False, factory=TurnTaking)
    connection.isolation_level = isolation_level
    return connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rows.sqlite"
    with closing(opened(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE counted (number INTEGER)")
        connection.execute("INSERT INTO counted VALUES (0)")
        connection.commit()
    return path


def explicit(connection: TurnTaking) -> None:
    connection.cursor().execute("BEGIN IMMEDIATE")
    connection.cursor().execute("UPDATE counted SET number = number + 1")
    connection.commit()


def implicit(connection: TurnTaking) -> None:
    connection.cursor().execute("update counted set number = number + 1")
    connection.commit()


@pytest.mark.parametrize(("count_up", "level"), [(explicit, None), (implicit, "IMMEDIATE")])
def test_of_many_who_write_at_once_none_is_turned_away(
    path: Path, count_up: Callable[[TurnTaking], None], level: Literal["IMMEDIATE"] | None
) -> None:
    failed: list[Exception] = []

    def work() -> None:
        try:
            with closing(opened(path, level)) as connection:
                for _ in range(50):
                    count_up(connection)
        except sqlite3.Error as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with closing(opened(path)) as connection:
        assert connection.execute("SELECT number FROM counted").fetchone() == (200,)


@pytest.mark.parametrize("ended", ["commit", "rollback", "close"])
def test_a_turn_ends_with_its_transaction(path: Path, ended: str) -> None:
    with closing(opened(path)) as first, closing(opened(path)) as second:
        first.cursor().execute("BEGIN IMMEDIATE")
        getattr(first, ended)()
        explicit(second)


def test_whoever_reads_waits_for_nobody(path: Path) -> None:
    with closing(opened(path)) as writer, closing(opened(path, "IMMEDIATE")) as reader:
        writer.cursor().execute("BEGIN IMMEDIATE")
        assert reader.cursor().execute("SELECT number FROM counted").fetchone() == (0,)
        writer.rollback()


def test_a_turn_that_does_not_come_is_what_sqlite_says_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT_SECONDS", 0.05)
    with closing(opened(path)) as first, closing(opened(path)) as second:
        first.cursor().execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            second.cursor().execute("BEGIN IMMEDIATE")
        first.rollback()
        explicit(second)
