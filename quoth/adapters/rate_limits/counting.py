"""The `RateLimits` on the `limits` library: in this process, or in Redis for many.

Windows are fixed: a counter that goes up tells exactly whose hit was the last allowed, whatever
comes at once. The price is that twice the amount can pass around the end of a window.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Lock, Semaphore
from typing import Any
from urllib.parse import urlsplit

from limits import RateLimitItemPerSecond
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage

from quoth.domain.errors import InvalidParameter
from quoth.ports.rate_limits import RateRule, Standing

PATIENCE_SECONDS = 0.5
"""For one call of Redis; whoever asks for something waits as long."""
PAUSE_SECONDS = 5.0
"""After which Redis is tried again."""
CONNECTIONS = 16
LOCAL_SHARE = 0.25
"""Of a limit that each process allows by itself while Redis is away."""

log = logging.getLogger(__name__)


class LocalRateLimits:
    """Limits of this process alone."""

    problem: str | None = None

    def __init__(self) -> None:
        self._storage = MemoryStorage()

    def hit(self, rule: RateRule, who: str, cost: int = 1) -> Standing:
        """Count something; see the port."""
        return _counted(self._storage, rule, who, cost)


class RedisRateLimits:
    """Limits of all processes that share a Redis; while it is away each has a share by itself.

    Args:
        url: `redis://`, `rediss://` or `redis+unix://`.
        clock: seconds.

    Raises:
        InvalidParameter: if it is none of these.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._storage = _redis(url)
        self._where = urlsplit(url).hostname or "its socket"
        self._local = LocalRateLimits()
        self._clock = clock
        self._alone = Lock()
        self._turns = Semaphore(CONNECTIONS)
        self._again: float | None = None

    @property
    def problem(self) -> str | None:
        """What is not as it should be."""
        if self._again is None:
            return None
        return (
            f"Redis (REDIS_URL, at {self._where}) cannot be reached: until it is, each process "
            f"allows {LOCAL_SHARE:.0%} of every limit by itself."
        )

    def hit(self, rule: RateRule, who: str, cost: int = 1) -> Standing:
        """Count something; see the port."""
        if self._is_time():
            try:
                with self._turns:  # in order; the pool would let some starve and say Redis is away
                    standing = _counted(self._storage, rule, who, cost)
            except StorageError as error:
                self._went_away(error)
            else:
                self._came_back()
                return standing
        share = max(1, int(rule.amount * LOCAL_SHARE))
        return self._local.hit(replace(rule, amount=share), who, cost)

    def _is_time(self) -> bool:
        """Whether to ask Redis; while it is away one call in a while finds out about it."""
        with self._alone:
            if self._again is None:
                return True
            if (now := self._clock()) < self._again:
                return False
            self._again = now + PAUSE_SECONDS
            return True

    def _went_away(self, error: StorageError) -> None:
        with self._alone:
            was_there = self._again is None
            self._again = self._clock() + PAUSE_SECONDS
        if was_there:
            log.warning("%s (%s)", self.problem, type(error.storage_error).__name__)

    def _came_back(self) -> None:
        with self._alone:
            was_away, self._again = self._again is not None, None
        if was_away:
            log.warning("Redis at %s is there again", self._where)


def _counted(storage: Storage, rule: RateRule, who: str, cost: int) -> Standing:
    item = RateLimitItemPerSecond(rule.amount, rule.window_seconds, namespace=rule.what)
    key = item.key_for(who)
    count = storage.incr(key, item.get_expiry(), amount=cost)
    reset = max(1, round(storage.get_expiry(key) - time.time() + 0.5))
    return Standing(count - cost < rule.amount, rule.amount, max(0, rule.amount - count), reset)


def _redis(url: str) -> RedisStorage:
    from redis import BlockingConnectionPool  # noqa: PLC0415 - only where it is configured
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    options: dict[str, Any] = {
        "socket_timeout": PATIENCE_SECONDS,
        "socket_connect_timeout": PATIENCE_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    try:
        pool = BlockingConnectionPool.from_url(
            url.replace("redis+unix://", "unix://", 1),
            max_connections=CONNECTIONS,
            timeout=PATIENCE_SECONDS,
            **options,
        )
        return RedisStorage(url, connection_pool=pool, key_prefix="quoth", wrap_exceptions=True)
    except (ValueError, ConfigurationError) as error:
        raise InvalidParameter("REDIS_URL", f"cannot be used: {error}") from error
