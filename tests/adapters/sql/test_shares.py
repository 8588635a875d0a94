"""Shares as rows."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import SHARES
from quoth.adapters.sql.shares import SqlShareStore
from quoth.domain.shares import Share, digest_of
from tests.job_rows import NOW, added, database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def jobs(engine: Engine) -> SqlJobStore:
    return SqlJobStore(engine)


@pytest.fixture
def shares(engine: Engine) -> SqlShareStore:
    return SqlShareStore(engine)


def a_share(job_id: str, token: str = "token") -> Share:  # noqa: S107 - no secret of anybody's
    return Share(f"share of {token}"[:32], job_id, digest_of(token), "for Ana", NOW, NOW + 60)


def test_a_token_opens_its_job_until_it_expires(jobs: SqlJobStore, shares: SqlShareStore) -> None:
    job = added(jobs)
    share = a_share(job.id)
    assert shares.add(share)
    assert shares.of_job(job.id, NOW) == [share]
    assert shares.job_of(share.digest, NOW + 59.9) == job
    assert shares.job_of(share.digest, NOW + 60) is None
    assert shares.of_job(job.id, NOW + 60) == []
    assert shares.job_of(digest_of("another"), NOW) is None


def test_a_share_of_a_job_that_is_gone_cannot_be_made(shares: SqlShareStore) -> None:
    assert not shares.add(a_share("0" * 32))


def test_shares_go_with_their_job_and_no_other(
    jobs: SqlJobStore, shares: SqlShareStore, engine: Engine
) -> None:
    gone, kept = added(jobs), added(jobs)
    shares.add(a_share(gone.id, "a"))
    shares.add(a_share(kept.id, "b"))
    jobs.delete(gone.id)
    assert shares.job_of(digest_of("a"), NOW) is None
    assert shares.job_of(digest_of("b"), NOW) == kept
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(SHARES)).scalar_one() == 1


def test_a_share_is_removed_by_its_job_and_its_id_together(
    jobs: SqlJobStore, shares: SqlShareStore
) -> None:
    job, other = added(jobs), added(jobs)
    share = a_share(job.id)
    shares.add(share)
    assert not shares.remove(other.id, share.id)
    assert not shares.remove(job.id, "another")
    assert shares.remove(job.id, share.id)
    assert not shares.remove(job.id, share.id)
    assert shares.job_of(share.digest, NOW) is None


def test_expired_shares_are_removed_and_good_ones_kept(
    jobs: SqlJobStore, shares: SqlShareStore, engine: Engine
) -> None:
    job = added(jobs)
    shares.add(a_share(job.id, "short"))
    shares.add(replace(a_share(job.id, "long"), expires=NOW + 120))
    shares.remove_expired(NOW + 60)
    with engine.connect() as connection:
        left = connection.execute(select(SHARES.c.digest)).scalars().all()
    assert left == [digest_of("long")]
