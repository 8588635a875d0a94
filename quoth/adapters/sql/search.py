"""Full-text search in names and transcripts: the words that occur, and in which jobs.

Words are told apart and compared without accents in the same way on SQLite and on Postgres, and
neither keeps more of a text than each word once.
"""

from typing import Protocol
from zlib import crc32

from sqlalchemy import Connection, Engine, TextClause, inspect, text

from quoth.adapters.sql.schema import creating, is_sqlite, run
from quoth.adapters.sql.words import distinct_words, query_words

_ONE_PART = "quoth_search"
"""The table of versions before, in SQLite."""
_PARTS = tuple(f"quoth_words_{number}" for number in range(16))


class SearchIndex(Protocol):
    """Finds jobs by words."""

    def add(self, connection: Connection, job_id: str, name: str) -> None:
        """Index a job that is new."""

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""

    def rename(self, connection: Connection, job_id: str, name: str) -> None:
        """Index another name."""

    def remove(self, connection: Connection, job_id: str) -> None:
        """Take a job out of the index."""

    def condition(self, wanted: str) -> TextClause | None:
        """Return what is true of jobs with all these words, begun or whole; None for no word."""

    def settle(self, job_id: str) -> None:
        """Overwrite what was removed of a job."""


def search_index(engine: Engine) -> SearchIndex:
    """Return the index of a database, made if need be."""
    return SqliteIndex(engine) if is_sqlite(engine) else PostgresIndex(engine)


class SqliteIndex:
    """FTS5, which leaves what is deleted in its segments until they are merged into one.

    Merging costs as much as the index is large. So it is kept small (words without their places),
    and in parts, of which only one is merged when a job is deleted. FTS5's own `secure-delete`
    needs SQLite 3.42; rows of a plain table are no way out, for SQLite leaves copies of them in the
    gaps of pages that were split. Words come as they are compared: the tokenizer cuts at spaces.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        creating(
            engine,
            *(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {part} USING fts5(job_id UNINDEXED, name,"
                " content, tokenize = 'ascii', detail = none, columnsize = 0)"
                for part in _PARTS
            ),
        )
        if inspect(engine).has_table(_ONE_PART):
            self._take_over()

    def add(self, connection: Connection, job_id: str, name: str) -> None:
        """Index a job that is new: it costs the same however many there are."""
        self._insert(connection, job_id, name, "")

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""
        self.remove(connection, job_id)
        self._insert(connection, job_id, name, content)

    def _insert(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        connection.execute(
            text(f"INSERT INTO {_part_of(job_id)} VALUES (:id, :name, :content)"),  # noqa: S608 - ours
            {"id": job_id, "name": distinct_words(name), "content": distinct_words(content)},
        )

    def rename(self, connection: Connection, job_id: str, name: str) -> None:
        """Index another name."""
        connection.execute(
            text(f"UPDATE {_part_of(job_id)} SET name = :name WHERE job_id = :id"),  # noqa: S608 - ours
            {"id": job_id, "name": distinct_words(name)},
        )

    def remove(self, connection: Connection, job_id: str) -> None:
        """Take a job out of the index."""
        gone = f"DELETE FROM {_part_of(job_id)} WHERE job_id = :id"  # noqa: S608 - ours
        connection.execute(text(gone), {"id": job_id})

    def condition(self, wanted: str) -> TextClause | None:
        """Return what is true of jobs with all these words."""
        words = query_words(wanted)
        if not words:
            return None
        found = " UNION ALL ".join(
            f"SELECT job_id FROM {part} WHERE {part} MATCH :query"  # noqa: S608 - ours
            for part in _PARTS
        )
        query = " ".join(f'"{word}"*' for word in words)
        return text(f"id IN ({found})").bindparams(query=query)

    def settle(self, job_id: str) -> None:
        """Leave nothing of what was removed, neither in the index nor in the log of changes."""
        part = _part_of(job_id)
        run(self._engine, f"INSERT INTO {part}({part}) VALUES ('optimize')")  # noqa: S608 - ours
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def _take_over(self) -> None:
        """Index what a version before had in one part, and leave nothing of it."""
        with self._engine.begin() as connection:
            rows = connection.execute(text(f"SELECT job_id, name, content FROM {_ONE_PART}"))  # noqa: S608 - ours
            for job_id, name, content in rows.all():
                self.put(connection, job_id, name, content)
            connection.execute(text(f"DROP TABLE {_ONE_PART}"))


class PostgresIndex:
    """A tsvector of the words that occur, with a GIN index; the text itself is not kept.

    Postgres's own parser would take `talk.mp3` for a host, and one vector has room for a megabyte:
    the words of ten hours take a tenth of that, and their text more than all of it.
    """

    def __init__(self, engine: Engine) -> None:
        creating(
            engine,
            "CREATE TABLE IF NOT EXISTS quoth_search (job_id varchar(32) PRIMARY KEY,"
            " name text NOT NULL, content text NOT NULL, document tsvector GENERATED ALWAYS AS"
            " (array_to_tsvector(string_to_array(trim(name || ' ' || content), ' '))) STORED)",
            "CREATE INDEX IF NOT EXISTS quoth_search_words ON quoth_search USING gin (document)",
        )

    def add(self, connection: Connection, job_id: str, name: str) -> None:
        """Index a job that is new."""
        self.put(connection, job_id, name, "")

    def put(self, connection: Connection, job_id: str, name: str, content: str) -> None:
        """Index a job anew."""
        connection.execute(
            text(
                "INSERT INTO quoth_search (job_id, name, content) VALUES (:id, :name, :content)"
                " ON CONFLICT (job_id) DO UPDATE SET name = :name, content = :content"
            ),
            {"id": job_id, "name": distinct_words(name), "content": distinct_words(content)},
        )

    def rename(self, connection: Connection, job_id: str, name: str) -> None:
        """Index another name."""
        connection.execute(
            text("UPDATE quoth_search SET name = :name WHERE job_id = :id"),
            {"id": job_id, "name": distinct_words(name)},
        )

    def remove(self, connection: Connection, job_id: str) -> None:
        """Take a job out of the index."""
        connection.execute(text("DELETE FROM quoth_search WHERE job_id = :id"), {"id": job_id})

    def condition(self, wanted: str) -> TextClause | None:
        """Return what is true of jobs with all these words."""
        words = query_words(wanted)
        if not words:
            return None
        found = "SELECT job_id FROM quoth_search WHERE document @@ CAST(:query AS tsquery)"
        query = " & ".join(f"'{word}':*" for word in words)
        return text(f"id IN ({found})").bindparams(query=query)

    def settle(self, job_id: str) -> None:
        """Leave the rest to autovacuum; the rows are out of reach at once."""


def _part_of(job_id: str) -> str:
    return _PARTS[crc32(job_id.encode()) % len(_PARTS)]
