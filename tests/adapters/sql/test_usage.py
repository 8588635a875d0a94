"""What keys used: counted exactly, whatever comes at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quoth.adapters.sql.usage import SqlUsageStore
from quoth.domain.keys import Quotas, Used
from tests.job_rows import database

DAY = 20_000


@pytest.fixture
def usage(tmp_path: Path) -> SqlUsageStore:
    return SqlUsageStore(database(tmp_path))


def test_of_many_recordings_at_once_exactly_as_many_as_fit_are_counted(
    usage: SqlUsageStore,
) -> None:
    quotas = Quotas(audio_seconds_per_day=100.0)
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda _: usage.charge("key_a", DAY, 10.0, 1, quotas), range(30)))
    assert sum(counted) == 10
    assert usage.charge("key_b", DAY, 100.0, 1, quotas)
    assert usage.charge("key_a", DAY + 1, 100.0, 1, quotas)


def test_either_quota_is_enough_to_refuse_and_none_refuses_nothing(usage: SqlUsageStore) -> None:
    assert not usage.charge("a", DAY, 10.0, 101, Quotas(100.0, 100))
    assert usage.charge("a", DAY, 10.0, 100, Quotas(100.0, 100))
    assert not usage.charge("a", DAY, 91.0, 0, Quotas(100.0, 100))
    assert usage.charge("a", DAY, 1e9, 2**40, Quotas())


def test_what_was_used_is_told_by_day(usage: SqlUsageStore) -> None:
    usage.charge("a", 1, 5.0, 10, Quotas())
    usage.charge("a", 1, 2.5, 20, Quotas())
    usage.charge("b", 2, 1.0, 1, Quotas())
    assert usage.of_day(1) == {"a": Used(7.5, 30)}
    assert usage.of_day(3) == {}


def test_the_last_use_is_the_latest(usage: SqlUsageStore) -> None:
    for at in (3.0, 5.0, 4.0):
        usage.note_use("a", at)
    usage.note_use("b", 1.0)
    assert usage.last_uses() == {"a": 5.0, "b": 1.0}
