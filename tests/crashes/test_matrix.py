"""Whatever ends a server, wherever a job is then: the job is done, once, and as if nothing was."""

from pathlib import Path

import pytest

from tests.crashes.points import POINTS, points
from tests.crashes.verdict import judge

SEEDS = (0, 1)
"""One with words and speakers side by side, one with them one after the other."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_server_ended_at_every_point_of_a_job_loses_none_and_does_none_twice(
    tmp_path: Path,
) -> None:
    verdicts = judge(tmp_path, SEEDS, at_once=8)
    for verdict in verdicts:
        told = f"seed {verdict.seed}, {verdict.way}"
        assert verdict.outcome.kills == len(POINTS), told
        assert verdict.lost == [], told
        assert verdict.doubled == [], told
        assert verdict.different == [], told
    assert sum(verdict.redone for verdict in verdicts) > 0  # they were interrupted, indeed


@pytest.mark.parametrize("is_parallel", [True, False])
def test_every_point_is_in_either_order_of_the_steps(*, is_parallel: bool) -> None:
    assert sorted(points(is_parallel=is_parallel)) == sorted(POINTS)
