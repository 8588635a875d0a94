"""What people said does not come into the log by an error of the database."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import run
from tests.job_rows import added, database


def test_a_transcript_is_not_in_the_error_that_keeps_it_from_being_indexed(tmp_path: Path) -> None:
    engine = database(tmp_path)
    store = SqlJobStore(engine)
    job = added(store)
    run(engine, *(f"DROP TABLE quoth_words_{number}" for number in range(16)))
    with pytest.raises(OperationalError) as caught:
        store.index(job.id, "zanzibarcanary")
    assert "zanzibarcanary" not in f"{caught.value} {caught.value!r}"
    engine.dispose()
