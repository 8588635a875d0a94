"""DBOS's tables in a file: what of them a power cut may take, and what not.

A commit in them does not wait for the disk (`synchronous=NORMAL` in a write-ahead log): a power cut
takes the newest, never one from the middle, and a process that dies takes none. Nothing is lost by
that. What was accepted and what came of it are rows of `quoth_jobs`, whose commits do wait, each
made before DBOS hears of it: a start queues what DBOS has forgotten, a step that is done again
finds what it made, and an attempt that DBOS believes unfinished finds its job over. What DBOS alone
knows, a webhook that is to be sent, is settled by `settle`.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from quoth.adapters.dbos.outages import CONNECTION
from quoth.adapters.sqlite.turns import TurnTaking

_PREFIX = "sqlite:///"


class _Connection(TurnTaking):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute("PRAGMA synchronous=NORMAL")


def prepare(url: str) -> dict[str, Any]:
    """Let readers and a writer of a file not wait for one another.

    Returns:
        Options of the engine that DBOS makes.
    """
    path = _path(url)
    if path is None:
        return {"connect_args": dict(CONNECTION)}
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return {"connect_args": {"factory": _Connection}, "pool_pre_ping": False}


def settle(url: str) -> None:
    """Wait until everything that was committed is on the disk."""
    path = _path(url)
    if path is None:
        return
    with suppress(FileNotFoundError):
        descriptor = os.open(path.with_name(f"{path.name}-wal"), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _path(url: str) -> Path | None:
    return Path(url.removeprefix(_PREFIX)) if url.startswith(_PREFIX) else None
