"""A connection that is held to limits.

uvicorn's protocol is kept in one of ours, which sees the bytes first, so that this holds for
whatever parser it uses. A web socket is counted, and no longer timed. Of a body nothing is read but
what came along with its headers, until the application asks for it: whoever is refused has it left
in the socket.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, cast

from quoth.api.body_pace import BodyPace
from quoth.api.connections import Connections
from quoth.api.errors import error_body

MAX_HEAD_BYTES = 64 * 1024
REFUSAL_SECONDS = 2.0
"""How long whoever is one too many has for its first byte, which is answered."""
LINGER_SECONDS = 1.0
"""A connection stays half open for, when bytes are closed on that were not read: the kernel would
throw the answer away otherwise."""

WORDS: dict[HTTPStatus, str] = {
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many connections are open. Try again in a few seconds.",
    HTTPStatus.REQUEST_TIMEOUT: "The request came too slowly, and was not waited for any longer.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"The headers of the request are larger than {MAX_HEAD_BYTES} bytes."
    ),
}

MakeProtocol = Callable[..., Any]


def guard(connections: Connections, make: MakeProtocol) -> MakeProtocol:
    """Return what makes protocols that are held to limits, of what makes others."""

    def make_guarded(**given: Any) -> GuardedConnection:
        return GuardedConnection(connections, make(**given))

    return make_guarded


class GuardedConnection(asyncio.BufferedProtocol):
    """A protocol of uvicorn's that is held to limits.

    Args:
        connections: all of them.
        inner: uvicorn's protocol.
    """

    def __init__(self, connections: Connections, inner: Any) -> None:
        self.home: str | None = None
        self.is_refused = False
        self.inner = inner
        self.is_reading_paused = False
        self._connections = connections
        self._limits = connections.limits
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._is_upgraded = self._is_closing = False
        self._head_since: float | None = None
        self._head_bytes = 0
        self._pace = BodyPace(self._limits.min_body_rate, self._limits.window_seconds)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        transport = cast("asyncio.Transport", transport)  # servers have no others; uvloop's is none
        self._transport = transport
        self._head_since = self._loop.time()
        self.is_refused = not self._connections.take(self, transport)
        if self.is_refused:
            self.inner.connections.add(self)  # so that uvicorn's end is its end, too
        else:
            self.inner.connection_made(_Transport(transport, self))

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to."""
        del sizehint
        buffer = self._connections.buffer
        is_known = not self.is_refused and (self._is_upgraded or self._is_in_request())
        return buffer if is_known else buffer[:MAX_HEAD_BYTES]

    def buffer_updated(self, nbytes: int) -> None:
        """Pass bytes on."""
        if self.is_refused:
            self._end(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        data = bytes(self._connections.buffer[:nbytes])
        self._pace.count(nbytes)
        if self._is_upgraded:
            self.inner.data_received(data)
            return
        inner, before = self.inner, self.inner.cycle
        inner.data_received(data)
        if inner is not self.inner:  # it handed over to a web socket
            return
        if self._is_in_request():
            self._head_since, self._head_bytes = None, 0
            cycle = self.inner.cycle
            if cycle is not before and cycle.more_body and not cycle.response_complete:
                self.inner.flow.pause_reading()  # the application's first question ends it
            return
        self._head_bytes += nbytes
        if self._head_since is None:
            self._head_since = self._loop.time()
        if self._head_bytes > MAX_HEAD_BYTES:
            self._end(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def eof_received(self) -> bool | None:
        """Pass it on."""
        return None if self.is_refused else self.inner.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self._connections.release(self)
        self.inner.connections.discard(self)
        if not self.is_refused:
            self.inner.connection_lost(error)

    def shutdown(self) -> None:
        """End with the server, which asks all of its connections to."""
        assert self._transport is not None  # noqa: S101 - it was made
        self._transport.abort()

    def pause_writing(self) -> None:
        """Pass it on."""
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self.inner.resume_writing()

    def upgrade(self, protocol: Any) -> None:
        """Hand over to the protocol of a web socket."""
        self._is_upgraded, self._head_since = True, None
        self.inner = protocol

    def look(self, now: float) -> None:
        """End what is too slow."""
        if self._is_upgraded or self._is_closing:
            return
        if self._head_since is not None:
            patience = REFUSAL_SECONDS if self.is_refused else self._limits.header_seconds
            if now - self._head_since > patience:
                self._end(HTTPStatus.REQUEST_TIMEOUT if self._head_bytes else None)
        elif self._is_too_slow(now):
            self._end(HTTPStatus.REQUEST_TIMEOUT)

    def _is_in_request(self) -> bool:
        """Whether the head of a request is there, and its answer or its body is not."""
        cycle = None if self._is_upgraded else self.inner.cycle
        return cycle is not None and (not cycle.response_complete or cycle.more_body)

    def _is_too_slow(self, now: float) -> bool:
        cycle = self.inner.cycle
        is_its_turn = (
            cycle is not None
            and cycle.more_body
            and not cycle.waiting_for_100_continue
            and not self.is_reading_paused
        )
        return self._pace.is_too_slow(cycle if is_its_turn else None, now)

    def _end(self, status: HTTPStatus | None) -> None:
        """Close, with an answer where none has begun."""
        assert self._transport is not None  # noqa: S101 - it was made
        cycle = getattr(self.inner, "cycle", None)
        has_begun = cycle is not None and cycle.response_started and self._is_in_request()
        if not self._is_closing:
            if status is not None and not has_begun:
                self._transport.write(_answer(status))
            self.close()

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is answered."""
        return self._is_closing or self._transport is None or self._transport.is_closing()

    def close(self) -> None:
        """Close; where bytes are left unread only after a while, else the answer would be lost."""
        transport = self._transport
        assert transport is not None  # noqa: S101 - it was made
        if self.is_closing:
            return
        self._is_closing = True
        is_unread = self.is_refused or self._head_since is not None or self._is_in_request()
        if is_unread and transport.can_write_eof():
            transport.pause_reading()
            self._loop.call_later(LINGER_SECONDS, transport.close)
            with suppress(OSError):  # the other end is gone already
                transport.write_eof()
        else:
            transport.close()


class _Transport:
    """A transport as uvicorn sees it: what it does to it is noted by who guards it."""

    def __init__(self, transport: asyncio.Transport, guard: GuardedConnection) -> None:
        self._transport = transport
        self._guard = guard

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._transport, name)
        setattr(self, name, found)  # the next time it is there at once
        return found

    def close(self) -> None:
        self._guard.close()

    def is_closing(self) -> bool:
        return self._guard.is_closing

    def set_protocol(self, protocol: Any) -> None:
        self._guard.upgrade(protocol)

    def pause_reading(self) -> None:
        self._guard.is_reading_paused = True
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._guard.is_reading_paused = False
        if not self._guard.is_closing:
            self._transport.resume_reading()


def _answer(status: HTTPStatus) -> bytes:
    kind = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    body = json.dumps(error_body(WORDS[status], kind)).encode()
    retry = "retry-after: 5\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n{retry}connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
