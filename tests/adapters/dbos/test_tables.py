"""How DBOS's tables are kept in a file."""

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy

from quoth.adapters.dbos.outages import CONNECTION
from quoth.adapters.dbos.tables import prepare, settle

NORMAL = 1


def engine(path: Path) -> sqlalchemy.Engine:
    url = f"sqlite:///{path}"
    return sqlalchemy.create_engine(url, **prepare(url))


def test_commits_go_to_a_log_and_do_not_wait_for_the_disk(tmp_path: Path) -> None:
    opened = engine(tmp_path / "new" / "queue.sqlite")
    with opened.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == NORMAL
    opened.dispose()


def test_what_was_committed_is_settled_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda each: settled.append(Path(f"/proc/self/fd/{each}").readlink().name)
    )
    path = tmp_path / "queue.sqlite"
    opened = engine(path)
    with opened.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE told (job TEXT)")
    settle(f"sqlite:///{path}")
    assert settled == ["queue.sqlite-wal"]
    opened.dispose()


def test_a_log_that_is_gone_holds_nothing_to_settle(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    sqlite3.connect(path).close()
    settle(f"sqlite:///{path}")
    settle("postgresql://elsewhere/quoth")


def test_a_database_elsewhere_is_given_up_when_its_machine_is_gone() -> None:
    assert prepare("postgresql://elsewhere/quoth") == {"connect_args": CONNECTION}
