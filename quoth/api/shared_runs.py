"""Work that outlives the client who asked for it, so that whoever asks again gets the same.

A client whose connection breaks asks again, and clients of OpenAI's API do so by themselves. The
work goes on for a while after the client left; the same request then waits for it instead of
beginning anew. Used from the event loop only.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from starlette.requests import Request

from quoth.domain.errors import Cancelled

GRACE_SECONDS = 60.0
"""How long work goes on that nobody waits for, and how long an answer is kept under its key."""
_T = TypeVar("_T")

Gone = Callable[[], Awaitable[bool]]
"""Whether nobody wants what is being done any more."""


@dataclass(eq=False)
class _Run(Generic[_T]):
    task: "asyncio.Task[_T]"
    waiting: int = 0
    is_given_up: asyncio.Event = field(default_factory=asyncio.Event)
    timer: asyncio.TimerHandle | None = None


class SharedRuns(Generic[_T]):
    """Runs by key.

    Args:
        grace: seconds that a run goes on with nobody waiting.
    """

    def __init__(self, grace: float = GRACE_SECONDS) -> None:
        self._grace = grace
        self._runs: dict[str, _Run[_T]] = {}

    def is_there(self, key: str) -> bool:
        """Whether something runs, or was done a moment ago, under a key."""
        return key in self._runs

    async def attend(
        self, request: Request, key: str, start: Callable[[Gone], Awaitable[_T]], *, keeps: bool
    ) -> _T:
        """Wait for what runs under a key; start it if nothing does.

        Args:
            request: of the client that waits.
            key: tells requests for the same from others.
            start: begins the work; it is told whether the work is wanted.
            keeps: whether what came of it is kept for a while for who asks again.

        Raises:
            Cancelled: if the client left.
            Exception: what the work raised.
        """
        run = self._runs.get(key)
        if run is None:
            run = self._begin(key, start, keeps=keeps)
        self._join(run)
        leaving = asyncio.ensure_future(_until_gone(request))
        try:
            await asyncio.wait({run.task, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not run.task.done():
                raise Cancelled
            return run.task.result()
        finally:
            leaving.cancel()
            self._leave(run)

    @property
    def has_abandoned(self) -> bool:
        """Whether something runs, or was done, that whoever left may come back for."""
        return any(not run.waiting for run in self._runs.values())

    def give_one_up(self) -> bool:
        """Stop a run that nobody waits for, where others need its place; whether there was one."""
        for run in self._runs.values():
            if not run.waiting and not run.task.done() and not run.is_given_up.is_set():
                run.is_given_up.set()
                return True
        return False

    def _begin(
        self, key: str, start: Callable[[Gone], Awaitable[_T]], *, keeps: bool
    ) -> "_Run[_T]":
        given_up = asyncio.Event()

        async def is_gone() -> bool:
            return given_up.is_set()

        run = _Run(asyncio.ensure_future(_awaited(start(is_gone))), is_given_up=given_up)
        self._runs[key] = run

        def over(task: "asyncio.Task[_T]") -> None:
            failed = task.cancelled() or task.exception() is not None
            was_left = not run.waiting
            if failed or not (keeps or was_left):
                self._runs.pop(key, None)
            else:
                asyncio.get_running_loop().call_later(self._grace, self._runs.pop, key, None)

        run.task.add_done_callback(over)
        return run

    def _join(self, run: "_Run[_T]") -> None:
        run.waiting += 1
        if run.timer is not None:
            run.timer.cancel()

    def _leave(self, run: "_Run[_T]") -> None:
        run.waiting -= 1
        if not run.waiting and not run.task.done():
            loop = asyncio.get_running_loop()
            run.timer = loop.call_later(self._grace, run.is_given_up.set)


async def _until_gone(request: Request) -> None:
    """Wait until the client hangs up; its body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _awaited(work: Awaitable[_T]) -> _T:
    return await work


def key_of(path: Path, *about: object) -> str:
    """Return what tells a file and what is wanted of it from others; it reads the whole file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update("\0".join(map(repr, about)).encode())
    return digest.hexdigest()
