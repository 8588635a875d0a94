"""Answers that go on for long, as events and WebSockets do, end when their key does."""

import asyncio
from collections.abc import Callable

from anyio import CancelScope, Lock, move_on_after
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
"""For what is behind an answer that was ended, before it is cut off."""
POLICY_VIOLATION = 1008
"""The code of a WebSocket that is closed for what its client is, by RFC 6455."""


async def while_good(
    is_good: Callable[[], bool], app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let a request be answered; what lasts is ended when its key is not good any more.

    Its client sees it end, and what is behind it sees its client leave.

    Args:
        is_good: says whether the key is; asked once a second.
        app: answers.
        scope: of the request.
        receive: gives what its client sends.
        send: takes what is answered.
    """
    with CancelScope() as cutting:
        lasting = _Lasting(is_good, receive, send, cutting, scope["type"])
        try:
            await app(scope, lasting.receive, lasting.send)
        finally:
            lasting.is_over = True
            if lasting.watching is not None:
                lasting.watching.cancel()


class _Lasting:
    """What lies between an application and its client."""

    def __init__(
        self,
        is_good: Callable[[], bool],
        receive: Receive,
        send: Send,
        cutting: CancelScope,
        kind: str,
    ) -> None:
        self.is_good = is_good
        self.is_web_socket = kind == "websocket"
        self.is_over = False
        self.watching: asyncio.Task[None] | None = None
        self._receive, self._send, self._cutting = receive, send, cutting
        self._alone = Lock()  # nothing may follow the last word
        self._waiting: set[CancelScope] = set()
        if self.is_web_socket:
            self._watch()

    async def receive(self) -> Message:
        """Return what the client sends; once it was ended, that it left."""
        if not self.is_over:
            with CancelScope() as waiting:
                self._waiting.add(waiting)
                try:
                    return await self._receive()
                finally:
                    self._waiting.discard(waiting)
        if self.is_web_socket:
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION, "reason": ""}
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass on what is answered; nothing, once it was ended."""
        async with self._alone:
            if self.is_over:
                return
            await self._send(message)
        if message["type"] == "http.response.start" and _is_events(message):
            self._watch()

    def _watch(self) -> None:
        self.watching = asyncio.get_running_loop().create_task(self._end_with_the_key())

    async def _end_with_the_key(self) -> None:
        while self.is_good():  # noqa: ASYNC110 - time passing is no event
            await asyncio.sleep(LOOK_SECONDS)
        with move_on_after(PATIENCE_SECONDS):  # a client that reads nothing is not waited for
            async with self._alone:
                self.is_over = True
                await self._send(self._last_word)
        self.is_over = True
        for waiting in tuple(self._waiting):
            waiting.cancel()
        await asyncio.sleep(PATIENCE_SECONDS)
        self._cutting.cancel()

    @property
    def _last_word(self) -> Message:
        if self.is_web_socket:
            reason = "The key is revoked or has expired."
            return {"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason}
        return {"type": "http.response.body", "body": b"", "more_body": False}


def _is_events(message: Message) -> bool:
    kind = Headers(raw=message.get("headers", ())).get("content-type", "")
    return kind.startswith("text/event-stream")
