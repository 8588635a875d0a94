"""Connections: how many there may be, in all and from one address.

uvicorn bounds neither how many there are nor how slowly one may send: whoever is counted here is
looked at every few seconds, and ends by itself what is too slow.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from quoth.auth.limits import home_of
from quoth.auth.networks import peer_address
from quoth.domain.addresses import Address

READ_BYTES = 256 * 1024
"""At once, of a body that was asked for."""
WINDOW_SECONDS = 10.0
MOST_REFUSED = 64
"""At once; what is beyond is closed without an answer."""


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


class Counted(Protocol):
    """A connection that is counted; `home` is whom it counts for, None where for nobody."""

    home: str | None
    is_refused: bool

    def look(self, now: float) -> None:
        """End if it is too slow."""


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
        self._open: set[Counted] = set()
        self._refused = 0
        self._homes: Counter[str] = Counter()
        self._sweep: asyncio.TimerHandle | None = None

    def take(self, connection: Counted, transport: asyncio.Transport) -> bool:
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

    def release(self, connection: Counted) -> None:
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
