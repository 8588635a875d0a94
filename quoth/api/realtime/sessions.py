"""The live sessions of a server: how many there may be, and the threads they work in."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from quoth.domain.jobs import LOCAL_OWNER
from quoth.domain.live_errors import TooManyLiveSessions, TooManyOwnLiveSessions
from quoth.telemetry.live import LiveMeter

THREADS_PER_SESSION = 2

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """What live sessions may cost.

    Args:
        max_sessions: open at once.
        max_own: of them that one key may have; None for half of them, and one at least. Who needs
            no key is not told from others, so they share all.
        max_seconds: that one may last, and of sound it may have.
        idle_seconds: after which one ends to which nothing was sent.
        slow_seconds: that a client may take to read what it is told.
    """

    max_sessions: int = 4
    max_own: int | None = None
    max_seconds: float = 4 * 3600.0
    idle_seconds: float = 60.0
    slow_seconds: float = 10.0

    @property
    def most_own(self) -> int:
        """How many one key may have."""
        half = max(1, self.max_sessions // 2)
        return half if self.max_own is None else self.max_own


class LiveSessions:
    """Places for live sessions. Used from the event loop only."""

    def __init__(self, limits: LiveLimits, meter: LiveMeter) -> None:
        self.limits = limits
        self.meter = meter
        self._taken: Counter[str] = Counter()
        threads = THREADS_PER_SESSION * limits.max_sessions
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="live")
        self.is_closed = False

    def close(self) -> None:
        """Take no more work."""
        self.is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    def check(self, owner: str) -> None:
        """Check that there is a place.

        Raises:
            TooManyLiveSessions: if every place is taken.
            TooManyOwnLiveSessions: if the owner's key has as many as one may.
        """
        if self._taken.total() >= self.limits.max_sessions:
            raise TooManyLiveSessions(self.limits.max_sessions)
        if owner != LOCAL_OWNER and self._taken[owner] >= self.limits.most_own:
            raise TooManyOwnLiveSessions(self.limits.most_own)

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """Take a place for a while.

        Raises:
            TooManyLiveSessions: if every place is taken.
            TooManyOwnLiveSessions: if the owner's key has as many as one may.
        """
        self.check(owner)
        self._taken[owner] += 1
        self.meter.open.inc()
        try:
            yield
        finally:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]
            self.meter.open.dec()

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do what blocks in a thread; who is cancelled meanwhile waits for its end."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait({future})
            raise
