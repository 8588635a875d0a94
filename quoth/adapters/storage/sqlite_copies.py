"""Copies of SQLite's databases while others write to them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from quoth.domain.backup_errors import BackupFailed

LOCKED_SECONDS = 30.0
"""How long a writer is waited for."""


def copy_database(database: Path, target: Path) -> Path:
    """Copy a database as it is at one instant, whoever writes to it; check the copy.

    Raises:
        BackupFailed: if it is damaged.
    """
    address = f"{database.resolve().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=LOCKED_SECONDS)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise BackupFailed(f"{database} is damaged ({problem}). Copy the folder by hand")
    return target
