"""Five restarts of workers while jobs come in; a hundred by `python -m tests.fleet.rolling`."""

from pathlib import Path

import pytest

from tests.fleet.company import Company
from tests.fleet.rolling import TOLD, roll
from tests.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_restarting_workers_one_after_the_other_loses_no_job(
    postgres: Postgres, tmp_path: Path
) -> None:
    with Company(postgres, tmp_path, dict(TOLD)) as company:
        outcome = roll(company, 5)
    assert outcome.is_good, outcome
    assert outcome.jobs >= 5
