"""Raw bytes into the listener at the edge: the real parser, our guard and the gate, no socket.

`python -m tests.auth.raw_bytes 50000` tries as many requests without a key.
"""

import asyncio
import logging
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from quoth.adapters.memory.keys import MemoryKeyRing
from quoth.api.connections import ConnectionLimits, Connections
from quoth.api.gate import AtTheEdge, Gate
from quoth.auth.access import Access
from quoth.bootstrap.http import hold_to
from tests.auth.test_gate import EDGE, KEY, SECRET, Inside

PEERS = ("127.0.0.1", "192.168.1.2", "203.0.113.5", "::1")
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
MOST_TURNS = 50
SEED = 20_261_128

SENSIBLE = st.sampled_from(
    [
        *(b"Origin", b"Authorization", b"Authorization", b"X-Forwarded-For", b"CF-Connecting-IP"),
        *(
            b"Forwarded",
            b"Sec-Fetch-Site",
            b"Via",
            b"Connection",
            b"Cookie",
            b"X-Real-IP",
            b"Range",
        ),
    ]
)
FRAMING = st.sampled_from(
    [
        *(b"Host", b"Content-Length", b"Transfer-Encoding", b"Upgrade", b"Expect"),
        *(b"authorization ", b"Authorization\x00", b"Proxy"),
    ]
)
NAMES = st.integers(0, 9).flatmap(
    lambda kind: SENSIBLE if kind < 8 else FRAMING if kind < 9 else st.binary(max_size=12)
)
VALUES = st.sampled_from(
    [
        *(b"127.0.0.1", b"localhost:8001", b"http://127.0.0.1:8000", b"Bearer ", b"Bearer x"),
        *(b"0", b"5", b"-1", b"chunked", b"close", b"websocket", b"100-continue", b"same-origin"),
        *(b"Bearer " + KEY.digest.encode(), b"Bearer " + SECRET[:-1], b"Bearer " + SECRET + b"x"),
    ]
) | st.binary(max_size=24)
ENDS = st.sampled_from([b"\r\n"] * 40 + [b"\n", b"\r", b"\r\n ", b""])
LINES = st.tuples(
    NAMES, st.sampled_from([b": "] * 20 + [b":", b":", b" : ", b"", b":\t"]), VALUES, ENDS
)
STARTS = st.tuples(
    st.sampled_from(
        [b"GET", b"POST", b"DELETE", b"OPTIONS", b"HEAD", b"PATCH"] * 4 + [b"get", b"\x00"]
    ),
    st.sampled_from([b"/v1/jobs", b"/v1/keys", b"/v1/audio/transcriptions", b"/docs", b"/metrics"])
    | st.binary(max_size=12).map(lambda text: b"/v1/jobs/" + text)
    | st.sampled_from(
        [b"//health", b"/health/../v1/jobs", b"http://x/v1/jobs", b"*", b"/v1/jobs?/"]
    ),
    st.sampled_from([b"HTTP/1.1"] * 40 + [b"HTTP/1.0", b"HTTP/2", b""]),
).map(b" ".join)
BODIES = (
    st.just(b"") | st.binary(max_size=20) | st.just(b"GET /v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n")
)


def joined(start: bytes, lines: list[tuple[bytes, ...]], body: bytes, *, has_host: bool) -> bytes:
    host = b"Host: 127.0.0.1\r\n" if has_host else b""
    return start + b"\r\n" + host + b"".join(map(b"".join, lines)) + b"\r\n" + body


REQUESTS = st.builds(
    joined,
    STARTS,
    st.lists(LINES, max_size=4),
    BODIES,
    has_host=st.sampled_from([True] * 3 + [False]),
)


class Wire(asyncio.Transport):
    """A transport without a socket: keeps what is written."""

    def __init__(self, peer: str) -> None:
        super().__init__({"peername": (peer, 40_000), "sockname": ("127.0.0.1", EDGE)})
        self.written = bytearray()
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass


@dataclass
class Listener:
    """What listens at the edge."""

    loop: asyncio.Runner
    inside: Inside = field(default_factory=Inside)
    state: ServerState = field(default_factory=ServerState)

    def __post_init__(self) -> None:
        gate = Gate(self.inside, Access(MemoryKeyRing([KEY]), lambda: 0.0))
        config = uvicorn.Config(
            AtTheEdge(gate, EDGE), lifespan="off", log_config=None, access_log=False, ws="none"
        )
        hold_to(Connections(ConnectionLimits()), config)
        self._make: Callable[..., Any] = config.http_protocol_class
        self._config = config

    def statuses(self, request: bytes, peer: str = "127.0.0.1") -> list[int]:
        """Return the status of each answer to some bytes."""
        return self.loop.run(self._ask(request, peer))

    async def _ask(self, request: bytes, peer: str) -> list[int]:
        wire = Wire(peer)
        protocol = self._make(config=self._config, server_state=self.state, app_state={})
        protocol.connection_made(wire)
        buffer = protocol.get_buffer(-1)
        buffer[: len(request)] = request
        protocol.buffer_updated(len(request))
        for _ in range(MOST_TURNS):
            await asyncio.sleep(0)
            if not self.state.tasks:
                break
        protocol.connection_lost(None)
        await asyncio.gather(*self.state.tasks)
        return [int(found) for found in STATUS.findall(bytes(wire.written))]


@dataclass
class Outcome:
    """How many requests there were, how many the gate decided about, and which passed."""

    requests: int = 0
    decided: int = 0
    passed: list[bytes] = field(default_factory=list)


def try_requests(number: int, first: int = SEED) -> Outcome:
    """Try so many requests, the same each time with the same seed."""
    outcome = Outcome()
    with asyncio.Runner() as runner:
        listener = Listener(runner)

        @seed(first)
        @settings(
            max_examples=number,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(REQUESTS, st.sampled_from(PEERS))
        def one(request: bytes, peer: str) -> None:
            found = listener.statuses(request, peer)
            outcome.requests += 1
            outcome.decided += bool({401, 403} & set(found))
            if any(200 <= status < 300 for status in found) or listener.inside.callers:
                outcome.passed.append(request)
                listener.inside.callers.clear()

        one()
    return outcome


if __name__ == "__main__":
    logging.disable()
    began = time.process_time()
    done = try_requests(int(sys.argv[1]), int(time.time()))
    print(  # noqa: T201 - what it is run for
        f"{done.requests} requests without a key, {done.decided} refused by the gate and the rest "
        f"by the parser, {len(done.passed)} passed; {time.process_time() - began:.0f} s of CPU"
    )
    sys.exit(bool(done.passed))
