"""The index of words in SQLite: what it keeps, what it leaves behind, what it takes over."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import creating
from quoth.domain.jobs import LOCAL_OWNER
from quoth.ports.jobs import JobFilter
from tests.job_rows import added, database

PARTS = [f"quoth_words_{number}" for number in range(16)]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database(tmp_path)
    yield engine
    engine.dispose()


def found(store: SqlJobStore, words: str) -> list[str]:
    return [job.id for job in store.find(LOCAL_OWNER, JobFilter(text=words))]


def rows(engine: Engine) -> list[str]:
    """Every job there is in the index, with its words."""
    parts = [f"SELECT * FROM {part}" for part in PARTS]  # noqa: S608 - ours
    with engine.connect() as connection:
        return [" ".join(row) for row in connection.execute(text(" UNION ALL ".join(parts)))]


def test_no_byte_of_a_word_is_left_when_the_only_job_that_has_it_is_deleted(
    engine: Engine, tmp_path: Path
) -> None:
    store, chance = SqlJobStore(engine), random.Random(4)  # noqa: S311 - words, not secrets
    jobs = [added(store) for _ in range(30)]
    secrets = {job.id: [f"{job.id[:6]}canary{n}" for n in range(40)] for job in jobs}
    for job in jobs:
        common = [f"common{chance.randrange(3000)}" for _ in range(400)]
        store.index(job.id, " ".join([*common, *secrets[job.id]]))
    gone = jobs[::2]
    for job in gone:
        store.delete(job.id)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for job in jobs:
        left = [word for word in secrets[job.id] if word.encode() in written]
        assert left == ([] if job in gone else secrets[job.id])


def test_no_word_is_left_of_names_and_texts_that_a_job_had_before(
    engine: Engine, tmp_path: Path
) -> None:
    store = SqlJobStore(engine)
    job = added(store, name="firstname.mp3")
    store.index(job.id, "alpha betacanary")
    store.rename(job.id, "secondname.mp3")
    store.index(job.id, "alpha gamma")
    assert rows(engine) == [f"{job.id} secondname mp3 alpha gamma"]
    store.delete(job.id)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in (b"betacanary", b"firstname", b"secondname", b"gamma"):
        assert word not in written


def test_a_word_of_the_name_and_of_the_text_stays_as_long_as_one_has_it(engine: Engine) -> None:
    store = SqlJobStore(engine)
    job = added(store, name="garden.mp3")
    store.index(job.id, "the garden hour")
    store.rename(job.id, "hour.mp3")
    assert found(store, "garden") == [job.id]
    store.index(job.id, "bees")
    assert found(store, "garden") == []
    assert found(store, "hour bees") == [job.id]


def test_renaming_a_job_that_is_gone_leaves_nothing(engine: Engine) -> None:
    store = SqlJobStore(engine)
    job = added(store)
    store.delete(job.id)
    store.rename(job.id, "ghost")
    store.index(job.id, "ghost")
    assert rows(engine) == []


def test_what_a_version_before_indexed_is_found_and_its_table_goes(
    engine: Engine, tmp_path: Path
) -> None:
    job = added(SqlJobStore(engine), name="old name.mp3")
    creating(
        engine,
        *(f"DELETE FROM {part}" for part in PARTS),  # noqa: S608 - ours
        "CREATE VIRTUAL TABLE quoth_search USING fts5"
        "(job_id UNINDEXED, name, content, tokenize = 'unicode61 remove_diacritics 2')",
        f"INSERT INTO quoth_search VALUES ('{job.id}', 'old name.mp3', 'Er: Präzisionscanary')",  # noqa: S608
    )
    store = SqlJobStore(engine)
    assert found(store, "prazi") == [job.id]
    assert found(store, "old er") == [job.id]
    assert not inspect(engine).has_table("quoth_search")
    store.delete(job.id)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "Präzisionscanary".encode() not in written
    assert b"prazisionscanary" not in written
