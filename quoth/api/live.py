"""Answers that are written while the work for them goes on.

Proxies give up on an answer that shows no sign of life (Cloudflare after about 100 s). Events carry
comments, and a JSON body may be led by white space; other formats have nothing that means nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from quoth.api.errors import answer_to
from quoth.domain.errors import Cancelled

CLIENT_CLOSED_REQUEST = 499


@dataclass(frozen=True, slots=True)
class Medium:
    """How a body shows that it is alive, and how it carries a JSON object.

    Args:
        media_type: of the body.
        sign: what means nothing and may be sent at any time before the object.
        frame: what stands before and after a JSON object.
    """

    media_type: str
    sign: bytes
    frame: tuple[bytes, bytes] = (b"", b"")

    def framed(self, body: bytes) -> bytes:
        """Return a JSON object as it is written."""
        return self.frame[0] + body + self.frame[1]


JSON = Medium("application/json", b" ")
EVENTS = Medium("text/event-stream; charset=utf-8", b": keepalive\n\n", (b"data: ", b"\n\n"))


class Answer(Response):
    """A response that is written by a function, which may raise as long as nothing was sent."""

    def __init__(self, write: Callable[[Send], Awaitable[None]]) -> None:
        super().__init__()
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write it; to a client who left only the log has something to say."""
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._write(sending)
        except (Cancelled, ClientDisconnect):
            if not has_begun:
                await Response(status_code=CLIENT_CLOSED_REQUEST)(scope, receive, send)


class LiveBody:
    """A body that begins with the first thing to say, or the first sign of life.

    Until then an answer keeps its status, an error its own; after that an error is the last thing
    in a body of status 200.

    Args:
        request: what is answered.
        send: where the answer goes.
        medium: what it is made of.
        seconds: of silence after which it shows a sign of life.
    """

    def __init__(self, request: Request, send: Send, medium: Medium, seconds: float) -> None:
        self._request = request
        self._send = send
        self._medium = medium
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._outbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._has_begun = False

    def put(self, body: bytes) -> None:
        """Say a JSON object, from any thread."""
        self._loop.call_soon_threadsafe(self._outbox.put_nowait, self._medium.framed(body))

    async def during(self, work: Awaitable[Response | None]) -> None:
        """Write what is put while the work goes on, then what it returns, and end.

        Raises:
            Exception: what the work raised, if nothing was sent before.
            Cancelled: if the client left.
        """
        writing = asyncio.create_task(self._write())
        try:
            try:
                response = await work
            finally:
                self._loop.call_soon(self._outbox.put_nowait, None)  # after all that was put
                await writing
        except Exception as error:
            if not self._has_begun or isinstance(error, Cancelled | ClientDisconnect):
                raise
            response = answer_to(error)
        if self._has_begun:
            last = self._medium.framed(bytes(response.body)) if response else b""
            await self._send({"type": "http.response.body", "body": last, "more_body": False})
        else:
            await (response or Response())(self._request.scope, self._request.receive, self._send)

    async def _write(self) -> None:
        while True:
            try:
                piece = await asyncio.wait_for(self._outbox.get(), self._seconds)
            except TimeoutError:
                piece = self._medium.sign
            if piece is None:
                return
            if not self._has_begun:
                await self._begin()
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _begin(self) -> None:
        self._has_begun = True
        headers = {
            b"content-type": self._medium.media_type.encode(),
            b"cache-control": b"no-cache",
            b"x-accel-buffering": b"no",
        }
        await self._send(
            {"type": "http.response.start", "status": 200, "headers": list(headers.items())}
        )
