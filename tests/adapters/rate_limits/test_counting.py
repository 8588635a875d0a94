"""Counting for limits, in this process and in a real Redis, also when that is gone."""

import logging
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from quoth.adapters.rate_limits.counting import (
    LOCAL_SHARE,
    PAUSE_SECONDS,
    LocalRateLimits,
    RedisRateLimits,
)
from quoth.domain.errors import InvalidParameter
from quoth.ports.rate_limits import RateLimits, RateRule
from tests.conftest import missing

RULE = RateRule("requests", 100, 60)


@dataclass
class RunningRedis:
    """A Redis of our own on a free port."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            ["redis-server", *where, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("Redis does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Clock:
    """A clock that goes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RunningRedis]:
    if shutil.which("redis-server") is None:
        missing("redis-server", "apt-get install redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        running = RunningRedis(probe.getsockname()[1], tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture(params=["memory", "redis"])
def counts(request: pytest.FixtureRequest) -> RateLimits:
    if request.param == "memory":
        return LocalRateLimits()
    running: RunningRedis = request.getfixturevalue("redis")
    return RedisRateLimits(running.url)


def test_exactly_as_many_as_allowed_pass_of_two_thousand_at_once(counts: RateLimits) -> None:
    with ThreadPoolExecutor(32) as pool:
        standings = list(pool.map(lambda _: counts.hit(RULE, "key a"), range(2000)))
    assert Counter(each.is_allowed for each in standings) == {True: 100, False: 1900}
    assert counts.problem is None
    assert counts.hit(RULE, "key b").remaining == 99


def test_costs_count_and_a_window_ends(counts: RateLimits) -> None:
    rule = RateRule("seconds of audio", 10, 1)
    assert counts.hit(rule, "a", 7).remaining == 3
    assert counts.hit(rule, "a", 4).is_allowed  # it began below
    assert not counts.hit(rule, "a", 0).is_allowed
    assert not counts.hit(rule, "a", 1).is_allowed
    assert counts.hit(rule, "b", 0).remaining == 10
    time.sleep(1.2)
    found = counts.hit(rule, "a", 10)
    assert (found.is_allowed, found.remaining) == (True, 0)
    assert 1 <= found.reset_seconds <= 2


def test_processes_share_a_limit_in_redis(redis: RunningRedis) -> None:
    one, other = RedisRateLimits(redis.url), RedisRateLimits(redis.url)
    assert one.hit(RULE, "a", 60).is_allowed
    assert other.hit(RULE, "a", 60).is_allowed
    assert not one.hit(RULE, "a", 60).is_allowed


def test_with_redis_away_a_share_is_allowed_and_it_is_told_until_it_is_back(
    redis: RunningRedis, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    counts = RedisRateLimits(redis.url, clock)
    assert counts.hit(RULE, "a").is_allowed
    redis.stop()
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        allowed = [counts.hit(RULE, "a").is_allowed for _ in range(100)]
    assert time.monotonic() - began < 5
    assert sum(allowed) == 100 * LOCAL_SHARE
    assert counts.problem is not None
    assert caplog.text.count("cannot be reached") == 1
    redis.start()
    clock.now += PAUSE_SECONDS
    assert counts.hit(RULE, "a").is_allowed
    assert counts.problem is None


def test_a_redis_that_hangs_costs_a_short_wait_once(redis: RunningRedis) -> None:
    redis.stop()
    with socket.create_server(("127.0.0.1", redis.port)):  # takes connections, never answers
        counts = RedisRateLimits(redis.url, Clock())
        began = time.monotonic()
        assert all(counts.hit(RULE, "a").is_allowed for _ in range(5))
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("url", ["http://localhost", "redis://localhost:port/0"])
def test_what_is_no_redis_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(InvalidParameter, match="REDIS_URL"):
        RedisRateLimits(url)
