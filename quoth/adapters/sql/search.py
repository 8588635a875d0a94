"""Full-text search in names and transcripts: FTS5 on SQLite, a tsvector on Postgres."""

import re
from typing import Protocol

from sqlalchemy import Connection, Engine, TextClause, text

from quoth.adapters.sql.schema import is_sqlite, run

_WORD = re.compile(r"\w+", re.UNICODE)
MOST_WORDS = 20
_LONGEST_TEXT = 500_000
"""Characters of a transcript that Postgres indexes; a tsvector holds a megabyte at most."""


class SearchIndex(Protocol):
    """Finds jobs by words."""

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""

    def rename(self, connection: Connection, job_id: str, name: str) -> None:
        """Index another name."""

    def remove(self, connection: Connection, job_id: str) -> None:
        """Take a job out of the index."""

    def condition(self, wanted: str) -> TextClause | None:
        """Return what is true of jobs with all these words, begun or whole; None for no word."""

    def settle(self) -> None:
        """Overwrite what was removed."""


def search_index(engine: Engine) -> SearchIndex:
    """Return the index of a database, made if need be."""
    return SqliteIndex(engine) if is_sqlite(engine) else PostgresIndex(engine)


def _words(wanted: str) -> list[str]:
    return _WORD.findall(wanted)[:MOST_WORDS]


class SqliteIndex:
    """FTS5; letters are compared without accents."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        run(
            engine,
            "CREATE VIRTUAL TABLE IF NOT EXISTS quoth_search USING fts5"
            "(job_id UNINDEXED, name, content, tokenize = 'unicode61 remove_diacritics 2')",
        )

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""
        self.remove(connection, job_id)
        connection.execute(
            text("INSERT INTO quoth_search VALUES (:id, :name, :content)"),
            {"id": job_id, "name": name, "content": content},
        )

    def rename(self, connection: Connection, job_id: str, name: str) -> None:
        """Index another name."""
        connection.execute(
            text("UPDATE quoth_search SET name = :name WHERE job_id = :id"),
            {"id": job_id, "name": name},
        )

    def remove(self, connection: Connection, job_id: str) -> None:
        """Take a job out of the index."""
        connection.execute(text("DELETE FROM quoth_search WHERE job_id = :id"), {"id": job_id})

    def condition(self, wanted: str) -> TextClause | None:
        """Return what is true of jobs with all these words."""
        words = _words(wanted)
        if not words:
            return None
        query = " ".join(f'"{word}"*' for word in words)
        return text(
            "id IN (SELECT job_id FROM quoth_search WHERE quoth_search MATCH :query)"
        ).bindparams(query=query)

    def settle(self) -> None:
        """Overwrite what was removed: words stay in an index until its parts are merged."""
        run(self._engine, "INSERT INTO quoth_search(quoth_search) VALUES ('optimize')")
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


class PostgresIndex:
    """A generated tsvector with a GIN index."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        run(
            engine,
            "CREATE TABLE IF NOT EXISTS quoth_search (job_id varchar(32) PRIMARY KEY,"
            " name text NOT NULL, content text NOT NULL, document tsvector"
            " GENERATED ALWAYS AS (to_tsvector('simple', name || ' ' || content)) STORED)",
            "CREATE INDEX IF NOT EXISTS quoth_search_words ON quoth_search USING gin (document)",
        )

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""
        self.remove(connection, job_id)
        connection.execute(
            text("INSERT INTO quoth_search (job_id, name, content) VALUES (:id, :name, :content)"),
            {"id": job_id, "name": name, "content": content[:_LONGEST_TEXT].replace("\0", "")},
        )

    def rename(self, connection: Connection, job_id: str, name: str) -> None:
        """Index another name."""
        connection.execute(
            text("UPDATE quoth_search SET name = :name WHERE job_id = :id"),
            {"id": job_id, "name": name},
        )

    def remove(self, connection: Connection, job_id: str) -> None:
        """Take a job out of the index."""
        connection.execute(text("DELETE FROM quoth_search WHERE job_id = :id"), {"id": job_id})

    def condition(self, wanted: str) -> TextClause | None:
        """Return what is true of jobs with all these words."""
        words = _words(wanted)
        if not words:
            return None
        query = " & ".join(f"{word}:*" for word in words)
        return text(
            "id IN (SELECT job_id FROM quoth_search WHERE document @@ to_tsquery('simple', :query))"
        ).bindparams(query=query)

    def settle(self) -> None:
        """Leave the rest to autovacuum; the rows are out of reach at once."""
