"""Postgres is stopped, frozen and there again while jobs are done: nothing is lost."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from quoth.api.errors import answer_to
from quoth.domain.job_errors import DatabaseUnavailable
from tests.fleet.company import Company
from tests.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

AWAY_SECONDS = 5.0
RECOVERY_SECONDS = 5.0


@contextmanager
def stopped(postgres: Postgres) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_a_database_that_is_away_loses_nothing_and_is_a_clear_503(
    own_postgres: Postgres, tmp_path: Path, how: str
) -> None:
    told = {"step_seconds": 1.0, "takeover_seconds": 3.0}
    with Company(own_postgres, tmp_path, told) as company:
        company.start()
        company.ready(1)
        jobs = [company.take_in(seconds) for seconds in (11, 12, 13)]
        company.at("transcribe", jobs[0])
        away: AbstractContextManager[None] = (
            stopped(own_postgres) if how == "stopped" else own_postgres.frozen()
        )
        with away:
            began = time.monotonic()
            refusals = 0
            while time.monotonic() - began < AWAY_SECONDS:
                with pytest.raises(DatabaseUnavailable) as refused:
                    company.take_in(14)
                refusals += 1
                time.sleep(0.2)
            assert refusals > 3
            assert answer_to(refused.value).status_code == 503
        began = time.monotonic()
        while True:
            try:
                jobs.append(company.take_in(15))
                break
            except DatabaseUnavailable:
                time.sleep(0.1)
        assert time.monotonic() - began < RECOVERY_SECONDS
        company.done(*jobs)
        assert company.begun_again() == []
        assert company.workers[0].poll() is None
        assert len(company.store.ids()) == len(jobs) == 4
