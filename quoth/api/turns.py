"""One request at a time for each upload, and a newer one asks the older to leave.

A client whose connection broke comes back on a new one while the server still waits for the next
byte on the old one, which may take minutes to be known as dead. So the one that came last is right.
It may come back to another server, if several share the uploads: then the word goes by their store.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive

from quoth.domain.upload_errors import UploadBusy
from quoth.ports.uploads import Uploads, UploadWriter

TAKEOVER_SECONDS = 10.0
"""How long a request waits for the older one; that one may be reading an upload to hash it."""
FIRST_MESSAGE_SECONDS = 1.0
"""A request that has its turn may wait so long for its first bytes, whoever asks it to leave: where
several want the same upload, each gets a little further."""
LOOK_SECONDS = 0.5
"""How often it is looked whether another server wants an upload, and asked for one it has."""
STALL_SECONDS = 120.0
"""After so long without a byte a client counts as gone."""


class Turn:
    """What one request has of an upload."""

    def __init__(self) -> None:
        self.leave = asyncio.Event()
        """Set when a newer request wants the upload."""
        self.over = asyncio.Event()

    def receive(self, receive: Receive) -> Receive:
        """Return a source of a request's messages that ends when the turn does.

        Its end looks as if the client had gone; what came before is given out first.
        """
        is_first = True

        async def until_asked_to_leave() -> Message:
            nonlocal is_first
            message = asyncio.ensure_future(receive())
            leaving = asyncio.ensure_future(self.leave.wait())
            try:
                if is_first:
                    await asyncio.wait({message}, timeout=FIRST_MESSAGE_SECONDS)
                if not message.done() and not self.leave.is_set():
                    await asyncio.wait(
                        {message, leaving},
                        timeout=STALL_SECONDS,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                is_first = False
                return message.result() if message.done() else {"type": "http.disconnect"}
            finally:
                message.cancel()
                leaving.cancel()

        return until_asked_to_leave


class Turns:
    """The turns of all uploads. Used from the event loop only."""

    def __init__(self) -> None:
        self._newest: dict[str, Turn] = {}

    @asynccontextmanager
    async def take(self, upload_id: str) -> AsyncIterator[Turn]:
        """Wait for the older request to leave, which it is asked to, and be the newest.

        Raises:
            UploadBusy: if it does not leave in time.
        """
        turn, older = Turn(), self._newest.get(upload_id)
        self._newest[upload_id] = turn
        try:
            if older is not None:
                await self._wait_for(older, upload_id)
            yield turn
        finally:
            turn.over.set()
            if self._newest.get(upload_id) is turn:
                del self._newest[upload_id]

    async def _wait_for(self, older: Turn, upload_id: str) -> None:
        older.leave.set()
        try:
            async with asyncio.timeout(TAKEOVER_SECONDS):
                await older.over.wait()
        except TimeoutError:
            raise UploadBusy(upload_id) from None


async def open_upload(
    uploads: Uploads, upload_id: str, offset_bytes: int | None = None
) -> UploadWriter:
    """Open an upload for what comes after an offset, once who has it in another server left.

    Raises:
        UploadBusy: if it does not leave in time.
        UploadNotFound, WrongOffset: as `Uploads.append`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + TAKEOVER_SECONDS
    while True:
        try:
            return await run_in_threadpool(uploads.append, upload_id, offset_bytes)
        except UploadBusy:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def leaving_when_wanted(turn: Turn, writer: UploadWriter) -> AsyncIterator[None]:
    """End a turn as soon as another server wants the upload."""

    async def look() -> None:
        while not turn.leave.is_set():
            await asyncio.sleep(LOOK_SECONDS)
            if await run_in_threadpool(writer.is_wanted):
                turn.leave.set()

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
