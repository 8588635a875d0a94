"""Full-text search in names and transcripts: FTS5 on SQLite, a tsvector on Postgres.

Words are told apart and compared without accents in the same way on both.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol

from sqlalchemy import Connection, Engine, TextClause, text

from quoth.adapters.sql.schema import creating, is_sqlite, run
from quoth.adapters.sql.words import distinct_words, query_words, storable


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


class _SearchTable(ABC):
    """What both databases do alike with the table `quoth_search`."""

    matches: ClassVar[str]
    """What is true of rows of the table that fit `:query`."""

    @abstractmethod
    def kept(self, written: str) -> str:
        """Return what the table keeps of a name or a transcript."""

    @abstractmethod
    def query(self, words: Sequence[str]) -> str:
        """Return the query for rows with all these words, begun or whole."""

    def rename(self, connection: Connection, job_id: str, name: str) -> None:
        """Index another name."""
        connection.execute(
            text("UPDATE quoth_search SET name = :name WHERE job_id = :id"),
            {"id": job_id, "name": self.kept(name)},
        )

    def remove(self, connection: Connection, job_id: str) -> None:
        """Take a job out of the index."""
        connection.execute(text("DELETE FROM quoth_search WHERE job_id = :id"), {"id": job_id})

    def condition(self, wanted: str) -> TextClause | None:
        """Return what is true of jobs with all these words."""
        words = query_words(wanted)
        if not words:
            return None
        found = f"SELECT job_id FROM quoth_search WHERE {self.matches}"  # noqa: S608 - ours
        return text(f"id IN ({found})").bindparams(query=self.query(words))


class SqliteIndex(_SearchTable):
    """FTS5; letters are compared without accents."""

    matches = "quoth_search MATCH :query"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        creating(
            engine,
            "CREATE VIRTUAL TABLE IF NOT EXISTS quoth_search USING fts5"
            "(job_id UNINDEXED, name, content, tokenize = 'unicode61 remove_diacritics 2')",
        )

    def kept(self, written: str) -> str:
        """Return all of it."""
        return storable(written)

    def query(self, words: Sequence[str]) -> str:
        """Return the query for rows with all these words."""
        return " ".join(f'"{word}"*' for word in words)

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""
        self.remove(connection, job_id)
        connection.execute(
            text("INSERT INTO quoth_search VALUES (:id, :name, :content)"),
            {"id": job_id, "name": self.kept(name), "content": self.kept(content)},
        )

    def settle(self) -> None:
        """Overwrite what was removed: words stay in an index until its parts are merged."""
        run(self._engine, "INSERT INTO quoth_search(quoth_search) VALUES ('optimize')")
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


class PostgresIndex(_SearchTable):
    """A tsvector of the words that occur, with a GIN index; the text itself is not kept.

    Postgres's own parser would take `talk.mp3` for a host, and one vector has room for a megabyte:
    the words of ten hours take a tenth of that, and their text more than all of it.
    """

    matches = "document @@ CAST(:query AS tsquery)"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        creating(
            engine,
            "CREATE TABLE IF NOT EXISTS quoth_search (job_id varchar(32) PRIMARY KEY,"
            " name text NOT NULL, content text NOT NULL, document tsvector GENERATED ALWAYS AS"
            " (array_to_tsvector(string_to_array(trim(name || ' ' || content), ' '))) STORED)",
            "CREATE INDEX IF NOT EXISTS quoth_search_words ON quoth_search USING gin (document)",
        )

    def kept(self, written: str) -> str:
        """Return each word that occurs, once."""
        return distinct_words(written)

    def query(self, words: Sequence[str]) -> str:
        """Return the query for rows with all these words."""
        return " & ".join(f"'{word}':*" for word in words)

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""
        connection.execute(
            text(
                "INSERT INTO quoth_search (job_id, name, content) VALUES (:id, :name, :content)"
                " ON CONFLICT (job_id) DO UPDATE SET name = :name, content = :content"
            ),
            {"id": job_id, "name": self.kept(name), "content": self.kept(content)},
        )

    def settle(self) -> None:
        """Leave the rest to autovacuum; the rows are out of reach at once."""
