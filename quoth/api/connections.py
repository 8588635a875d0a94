"""Connections: how many there may be, and how slowly one may send.

uvicorn bounds neither. Its protocol is kept in one of ours, which sees the bytes first, so that
this holds for whatever parser it uses. A web socket is counted, and no longer timed. Of a body
nothing is read but what came along with its headers, until the application asks for it: whoever
is refused has it left in the socket.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from quoth.api.errors import error_body
from quoth.auth.limits import home_of
from quoth.auth.networks import peer_address
from quoth.domain.addresses import Address

MAX_HEAD_BYTES = 64 * 1024
READ_BYTES = 256 * 1024
"""At once, of a body that was asked for."""
WINDOW_SECONDS = 10.0
REFUSAL_SECONDS = 2.0
"""How long whoever is one too many has for its first byte, which is answered."""
LINGER_SECONDS = 1.0
"""A connection stays half open for, when bytes are closed on that were not read: the kernel would
throw the answer away otherwise."""
MOST_REFUSED = 64
"""At once; what is beyond is closed without an answer."""

WORDS: dict[HTTPStatus, str] = {
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many connections are open. Try again in a few seconds.",
    HTTPStatus.REQUEST_TIMEOUT: "The request came too slowly, and was not waited for any longer.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"The headers of the request are larger than {MAX_HEAD_BYTES} bytes."
    ),
}

MakeProtocol = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What connections may do.

    Args:
        most: how many there may be.
        most_per_address: of those that are counted by address.
        header_seconds: for the headers of a request.
        min_body_rate: bytes a second of a body, on average in a window; 0 for any.
        window_seconds: the window.
    """

    most: int = 512
    most_per_address: int = 64
    header_seconds: float = 10.0
    min_body_rate: int = 240
    window_seconds: float = WINDOW_SECONDS


class Connections:
    """Those of one process; used from its event loop only.

    Args:
        limits: for them.
        is_counted: whether an address has a limit of its own; many may share that of a proxy.
        uncounted_port: of the server's end, where all come from the same proxy.
    """

    def __init__(
        self,
        limits: ConnectionLimits,
        is_counted: Callable[[Address | None], bool] = lambda _address: True,
        uncounted_port: int | None = None,
    ) -> None:
        self.limits = limits
        self.buffer = memoryview(bytearray(READ_BYTES))  # what is read is passed on at once
        self._is_counted = is_counted
        self._uncounted_port = uncounted_port
        self._open: set[GuardedConnection] = set()
        self._refused = 0
        self._homes: Counter[str] = Counter()
        self._sweep: asyncio.TimerHandle | None = None

    def guard(self, make: MakeProtocol) -> MakeProtocol:
        """Return what makes protocols that are held to the limits, of what makes others."""

        def make_guarded(**given: Any) -> GuardedConnection:
            return GuardedConnection(self, make(**given))

        return make_guarded

    def take(self, connection: "GuardedConnection", transport: asyncio.Transport) -> bool:
        """Count a connection; whether there is room for it."""
        connection.home = self._home(transport)
        is_refused = len(self._open) - self._refused >= self.limits.most or (
            connection.home is not None
            and self._homes[connection.home] >= self.limits.most_per_address
        )
        if is_refused and self._refused >= MOST_REFUSED:
            connection.home = None
            transport.abort()
            return False
        self._open.add(connection)
        if is_refused:
            self._refused += 1
            connection.home = None
        elif connection.home is not None:
            self._homes[connection.home] += 1
        if self._sweep is None:
            self._look_later()
        return not is_refused

    def release(self, connection: "GuardedConnection") -> None:
        """Count a connection no longer."""
        if connection not in self._open:
            return
        self._open.discard(connection)
        self._refused -= connection.is_refused
        if connection.home is not None:
            self._homes[connection.home] -= 1
            if not self._homes[connection.home]:
                del self._homes[connection.home]

    def _home(self, transport: asyncio.Transport) -> str | None:
        here, there = (transport.get_extra_info(name) for name in ("sockname", "peername"))
        if not isinstance(there, tuple) or here[1] == self._uncounted_port:
            return None
        address = peer_address(there[0])
        return home_of(address) if self._is_counted(address) else None

    def _look_later(self) -> None:
        shortest = min(self.limits.header_seconds, self.limits.window_seconds, 4.0)
        self._sweep = asyncio.get_running_loop().call_later(shortest / 4, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self._open):
            connection.look(now)
        self._sweep = None
        if self._open:
            self._look_later()


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
        self._window: tuple[object, float] | None = None
        self._window_bytes = 0

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
        self._window_bytes += nbytes
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
        if not is_its_turn:
            self._window = None
            return False
        if self._window is None or self._window[0] is not cycle:
            self._window, self._window_bytes = (cycle, now), 0
            return False
        seconds = now - self._window[1]
        if seconds < self._limits.window_seconds:
            return False
        is_too_slow = self._window_bytes < self._limits.min_body_rate * seconds
        self._window, self._window_bytes = (cycle, now), 0
        return is_too_slow

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
