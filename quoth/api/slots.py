"""How many transcriptions run at once, and running one so that a client who leaves ends it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from quoth.api.shared_runs import Gone
from quoth.domain.errors import Cancelled, TooBusy
from quoth.domain.progress import StageProgress
from quoth.use_cases.observing import Observer

RETRY_AFTER_SECONDS = 5
UPLOADS_PER_PLACE = 4
POLL_SECONDS = 0.25

_T = TypeVar("_T")


class Slots:
    """A fixed number of places for work that blocks. Used from the event loop only."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._taken = 0
        self._uploads = 0
        self._remaining: dict[int, float] = {}
        self._freed = asyncio.Event()
        self._is_closed = False
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="transcription")

    def close(self) -> None:
        """Take no more work, and cancel what runs."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def is_full(self) -> bool:
        """Whether every place is taken."""
        return self._taken >= self._count

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._taken

    @property
    def free(self) -> int:
        """How many places are free."""
        return self._count - self._taken

    def refuse_if_full(self) -> None:
        """Turn a request away before its body is read.

        Raises:
            TooBusy: if every place is taken.
        """
        if self.is_full:
            soonest = min(self._remaining.values(), default=RETRY_AFTER_SECONDS)
            raise TooBusy(self._count, max(1, round(soonest)))

    @contextmanager
    def upload(self, *, may_wait: bool = False) -> Iterator[None]:
        """Take part in the uploads under way, which are a few times as many as the places.

        Args:
            may_wait: whether what comes in may do without a place of its own.

        Raises:
            TooBusy: if every place is taken, or too many uploads wait for one.
        """
        if not may_wait:
            self.refuse_if_full()
        if self._uploads >= UPLOADS_PER_PLACE * self._count:
            raise TooBusy(self._count, RETRY_AFTER_SECONDS)
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1

    @contextmanager
    def place(self) -> Iterator[int]:
        """Take a place for a while.

        Raises:
            TooBusy: if every place is taken.
        """
        self.refuse_if_full()
        self._taken += 1
        number = next(n for n in range(self._count) if n not in self._remaining)
        self._remaining[number] = RETRY_AFTER_SECONDS
        try:
            yield number
        finally:
            self._taken -= 1
            del self._remaining[number]
            self._freed.set()

    async def wait_for_place(self, seconds: float) -> None:
        """Wait until a place is free, but no longer than this."""
        self._freed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), seconds)

    async def run(self, is_gone: Gone, number: int, work: Callable[[Observer], _T]) -> _T:
        """Run blocking work in a thread; when nobody wants it any more it is cancelled.

        Raises:
            Cancelled: if nobody does.
        """
        is_cancelled = threading.Event()

        def observe(progress: StageProgress) -> None:
            if is_cancelled.is_set():
                raise Cancelled
            if progress.remaining is not None and number in self._remaining:
                self._remaining[number] = progress.remaining

        future = asyncio.get_running_loop().run_in_executor(self._threads, work, observe)
        try:
            while not (await asyncio.wait({future}, timeout=POLL_SECONDS))[0]:
                if self._is_closed or await is_gone():
                    is_cancelled.set()
            return await future
        finally:
            is_cancelled.set()
