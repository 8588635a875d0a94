"""A receiver of webhooks on loopback that answers what it is told to, and how slowly."""

import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's example


@dataclass(frozen=True)
class Answer:
    """One answer: its status, headers and body, and seconds between its bytes."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


@dataclass(frozen=True)
class Got:
    """A request that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def verified(self, secret: str = SECRET) -> Any:
        """What it says, if the library of receivers accepts the signature."""
        return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass
class Receiver:
    """Where it listens, what it got, and what it will answer; 204 if nothing is ordered."""

    port: int
    got: list[Got] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    scheme: str = "http"
    hung_up: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?a=b"

    def wait(self, count: int, seconds: float = 20.0) -> None:
        """Wait for so many requests."""
        deadline = time.monotonic() + seconds
        while len(self.got) < count:
            assert time.monotonic() < deadline, f"{len(self.got)} of {count} webhooks came"
            time.sleep(0.02)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.got.append(Got(self.path, dict(self.headers), body))
        answers = self.receiver.answers
        answer = answers.popleft() if answers else Answer()
        head = f"HTTP/1.1 {answer.status} So\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        head += f"Content-Length: {len(answer.body)}\r\n\r\n"
        self._write(head.encode() + answer.body, answer.seconds)
        self.close_connection = True

    def do_GET(self) -> None:
        """A redirect that was followed would come by here."""
        self.receiver.got.append(Got(self.path, dict(self.headers), b""))

    def _write(self, content: bytes, seconds: float) -> None:
        size = 1 if seconds else len(content)
        try:
            for start in range(0, len(content), size):
                self.wfile.write(content[start : start + size])
                time.sleep(seconds)
        except OSError:
            self.receiver.hung_up.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        """Keep quiet."""


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Senders that hang up are what some tests are about."""


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver."""
    server = _QuietServer(("127.0.0.1", 0), _Handler)
    receiver = Receiver(server.server_port, scheme="https" if tls else "http")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"receiver": receiver})
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
