"""Connections on a real server: how many, how slow, and how little is read of whom."""

import asyncio
import errno
import fcntl
import json
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from websockets.sync.client import connect

from quoth.adapters.memory.keys import MemoryKeyRing
from quoth.api import guarded_connection
from quoth.api.connections import MOST_REFUSED, ConnectionLimits, Connections
from quoth.api.gate import Gate
from quoth.api.guarded_connection import MAX_HEAD_BYTES, guard
from quoth.auth.access import Access
from quoth.auth.origins import Policy
from quoth.bootstrap.http import WEBSOCKETS, hold_to

HEAD = b"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
TUS_HEAD = (
    b"PATCH /v1/uploads/0123456789abcdef0123456789abcdef HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"tus-resumable: 1.0.0\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\n"
)
MULTIPART = HEAD + b"content-type: multipart/form-data; boundary=b\r\n"
LONG = b"content-length: 1000000000\r\n\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"
PIECE = bytes(16_384)
CHUNK = b"4000\r\n" + PIECE + b"\r\n"
MOST_BYTES_READ = 64 * 1024
SMALL_BUFFER = 4096
"""Of the server's end, so that what has arrived has nearly all been read."""

StartServer = Callable[..., int]


def application(*, is_open: bool) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/audio/transcriptions")
    async def count(request: Request) -> int:
        return len(await request.body())

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.receive()

    access = Access(MemoryKeyRing(), policy=Policy(is_key_always_required=not is_open))
    app.add_middleware(Gate, access=access)
    return app


@pytest.fixture(params=["asyncio", "uvloop"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartServer]:
    monkeypatch.setattr(guarded_connection, "LINGER_SECONDS", 0.2)
    with ExitStack() as stack:

        def begin(limits: ConnectionLimits, *, is_open: bool = True) -> int:
            listener = socket.create_server(("127.0.0.1", 0))
            if not is_open:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            config = uvicorn.Config(
                application(is_open=is_open),
                http="h11",
                loop=request.param,
                log_level="error",
                lifespan="off",
                **WEBSOCKETS,
            )
            hold_to(Connections(limits), config)
            server = uvicorn.Server(config)

            def serve() -> None:
                with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
                    runner.run(server._serve([listener]))

            thread = threading.Thread(target=serve)
            thread.start()

            def end() -> None:
                server.should_exit = True
                thread.join(10)
                assert not thread.is_alive()
                listener.close()

            stack.callback(end)
            while not server.started:
                time.sleep(0.01)
            return int(listener.getsockname()[1])

        yield begin


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10)


def answered(connection: socket.socket) -> tuple[int, dict[str, object]]:
    """Return status and error of an answer, after which the connection is closed."""
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["error"]


def arrived(connection: socket.socket, body: bytes, head: bytes, most: int) -> tuple[int, bytes]:
    """Send without end; return the bytes that the other end had taken when it answered."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    sent, taken, left = 0, 0, head + body
    deadline = time.monotonic() + 10
    while sent < most and time.monotonic() < deadline:
        try:
            count = connection.send(left)
            sent, left = sent + count, left[count:] or body
        except BlockingIOError:
            time.sleep(0.001)
        except OSError:  # it is closed
            break
        try:
            return taken, connection.recv(65_536)
        except BlockingIOError:
            unsent = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0]
            taken = max(taken, sent - unsent)
    return taken, b""


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (MULTIPART + LONG, PIECE),
        (MULTIPART + CHUNKED, CHUNK),
        (TUS_HEAD + LONG, PIECE),
        (TUS_HEAD + CHUNKED, CHUNK),
        (MULTIPART + b"expect: 100-continue\r\n" + LONG, PIECE),
        (TUS_HEAD + b"expect: 100-continue\r\n" + CHUNKED, CHUNK),
    ],
    ids=["form", "form in chunks", "tus", "tus in chunks", "form, 100", "tus in chunks, 100"],
)
def test_of_an_upload_without_a_key_at_most_64_kb_are_read(
    start: StartServer, head: bytes, body: bytes
) -> None:
    port = start(ConnectionLimits(), is_open=False)
    with connected(port) as connection:
        taken, answer = arrived(connection, body, head, 100 << 20)
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"100 Continue" not in answer
    assert taken <= MOST_BYTES_READ + 2 * SMALL_BUFFER


def test_the_same_upload_is_read_where_it_may_be_sent(start: StartServer) -> None:
    port = start(ConnectionLimits())
    size = 3_000_000
    with connected(port) as connection:
        connection.sendall(HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % size)
        connection.sendall(bytes(size))
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert received.endswith(str(size).encode())


def test_a_web_socket_stays_open_and_is_counted(start: StartServer) -> None:
    port = start(ConnectionLimits(most=1, header_seconds=0.2, window_seconds=0.2))
    with connect(f"ws://127.0.0.1:{port}/echo") as opened:
        time.sleep(0.6)
        opened.send("x" * 100_000)
        assert opened.recv(timeout=10) == "x" * 100_000
        with connected(port) as one_too_many:
            one_too_many.sendall(HEAD + b"content-length: 1\r\n\r\nx")
            assert answered(one_too_many)[0] == 503
    time.sleep(0.1)
    with connected(port) as connection:
        connection.sendall(HEAD + b"content-length: 1\r\n\r\nx")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")


def test_headers_that_do_not_come_get_408(start: StartServer) -> None:
    port = start(ConnectionLimits(header_seconds=0.4))
    with connected(port) as slow, connected(port) as silent:
        began = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 - reset, or a broken pipe
            for number in range(40):
                slow.sendall(b"GET /health HTTP/1.1\r\n" if not number else b"x: y\r\n")
                time.sleep(0.05)
        assert time.monotonic() - began < 2.0
        assert silent.recv(10) == b""
    with connected(port) as stopped:
        stopped.sendall(HEAD)
        status, error = answered(stopped)
    assert (status, error["type"]) == (408, "invalid_request_error")
    assert "too slowly" in str(error["message"])


def test_a_second_request_on_a_connection_has_to_come_in_time_too(start: StartServer) -> None:
    port = start(ConnectionLimits(header_seconds=0.4))
    with connected(port) as connection:
        connection.sendall(HEAD + b"content-length: 1\r\n\r\nx")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(HEAD)
        assert answered(connection)[0] == 408


def test_headers_without_end_get_431(start: StartServer) -> None:
    port = start(ConnectionLimits())
    with connected(port) as connection:
        _, answer = arrived(connection, b"x-filler: " + b"x" * 1000 + b"\r\n", HEAD, 100 << 20)
        assert answer.startswith(b"HTTP/1.1 431")
    with connected(port) as connection:
        connection.sendall(HEAD + b"x: " + b"x" * (MAX_HEAD_BYTES - len(HEAD) - 2))
        assert answered(connection)[0] == 431


@pytest.mark.parametrize("end", [CHUNKED, b"content-length: 100000\r\n\r\n"])
def test_a_body_that_trickles_gets_408(start: StartServer, end: bytes) -> None:
    port = start(ConnectionLimits(min_body_rate=1000, window_seconds=0.3))
    with connected(port) as connection:
        connection.sendall(HEAD + end)
        connection.settimeout(0.05)
        answer = b""
        for _ in range(100):
            connection.sendall(b"1\r\nx\r\n")
            try:
                answer = connection.recv(65_536)
                break
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_body_that_is_slow_and_fast_enough_comes_through(start: StartServer) -> None:
    port = start(ConnectionLimits(header_seconds=0.2, min_body_rate=1000, window_seconds=0.2))
    with connected(port) as connection:
        connection.sendall(HEAD + b"content-length: 4000\r\n\r\n")
        for _ in range(20):
            connection.sendall(bytes(200))
            time.sleep(0.05)
        assert connection.recv(65_536).endswith(b"4000")


def test_one_connection_too_many_gets_503_and_room_comes_back(start: StartServer) -> None:
    for limits in (ConnectionLimits(most=3), ConnectionLimits(most_per_address=3)):
        port = start(limits)
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(connected(port)).sendall(HEAD)
            time.sleep(0.1)
            with connected(port) as one_too_many:
                one_too_many.sendall(HEAD + b"content-length: 1\r\n\r\nx")
                status, error = answered(one_too_many)
                assert (status, error["type"]) == (503, "server_error")
        time.sleep(0.1)
        with connected(port) as connection:
            connection.sendall(HEAD + b"content-length: 1\r\n\r\nx")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")


def test_hundreds_that_are_too_many_do_not_pile_up(start: StartServer) -> None:
    port = start(ConnectionLimits(most=2))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(connected(port)).sendall(HEAD)
        time.sleep(0.1)
        others = [stack.enter_context(connected(port)) for _ in range(200)]
        deadline = time.monotonic() + 10
        while (closed := sum(map(is_closed, others))) < 200 - MOST_REFUSED:
            assert time.monotonic() < deadline, closed
            time.sleep(0.05)


def is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return not connection.recv(1)
    except BlockingIOError:
        return False
    except OSError:
        return True


class GoneTransport(asyncio.Transport):
    """The end of a connection whose other end has just reset it."""

    is_closed = False

    def get_extra_info(self, name: str, default: object = None) -> object:
        return {"sockname": ("127.0.0.1", 1), "peername": ("127.0.0.1", 2)}.get(name, default)

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        """Nothing comes."""

    def write(self, data: object) -> None:
        """Nobody reads it."""

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    def close(self) -> None:
        self.is_closed = True


def test_a_connection_that_was_reset_while_it_is_answered_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guarded_connection, "LINGER_SECONDS", 0.0)
    inner = SimpleNamespace(connections=set(), cycle=None)

    async def refuse() -> bool:
        guarded = guard(Connections(ConnectionLimits(most=0)), lambda: inner)()
        transport = GoneTransport()
        guarded.connection_made(transport)
        guarded.buffer_updated(1)
        await asyncio.sleep(0.01)
        return transport.is_closed

    assert asyncio.run(refuse())
