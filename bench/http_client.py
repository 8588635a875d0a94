"""Clients of an HTTP server, in a process of their own: plain sockets, a thread for each.

A thread sends a request that was put together before, reads the answer, and sends the next. Its
cost is a few system calls, during which Python lets the other threads run, so that a client takes
a small part of the processor that it shares with the server: `http_load.py` measures which.
"""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 60.0
KEPT_ALIVE_SECONDS = 2.0
"""A connection that is idle for longer is opened anew, before the server closes it."""
READ_BYTES = 1 << 16
BOUNDARY = b"quoth-load"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    def expect(self, status: int) -> "Answer":
        if self.status != status:
            raise RuntimeError(f"{self.status} where {status} was due: {self.body[:300]!r}")
        return self


class Connection:
    """One connection that is kept alive."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._used = time.monotonic()

    def close(self) -> None:
        self._socket.close()

    def ask(self, head: bytes, *body: bytes | memoryview) -> Answer:
        """Send a request, piece by piece, and return what comes back."""
        if time.monotonic() - self._used > KEPT_ALIVE_SECONDS:
            self.close()
            self._open()
        self._socket.sendall(head)
        for piece in body:
            self._socket.sendall(piece)
        status, headers = self.head()
        length = int(headers.get("content-length", 0))
        while len(self._rest) < length:
            self._rest += self._more()
        content, self._rest = self._rest[:length], self._rest[length:]
        self._used = time.monotonic()
        return Answer(status, headers, content)

    def head(self) -> tuple[int, dict[str, str]]:
        """Read an answer up to its body."""
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._more()
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in lines)
        return int(first.split()[1]), {name.lower(): value.strip() for name, value in pairs}

    def lines(self) -> Iterator[bytes]:
        """Read a body without an end, line by line; the sizes of its chunks come as lines, too."""
        while True:
            *whole, self._rest = self._rest.split(b"\n")
            yield from whole
            self._rest += self._more()

    def _more(self) -> bytes:
        data = self._socket.recv(READ_BYTES)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def head(method: str, path: str, **headers: str | int) -> bytes:
    """Return a request up to its body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def form(path: str, content: bytes, **fields: str) -> bytes:
    """Return a whole request with a form with a file."""
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (BOUNDARY, name.encode(), value.encode())
        for name, value in fields.items()
    ]
    opening = b'Content-Disposition: form-data; name="file"; filename="clip.wav"'
    body = b"%b--%b\r\n%b\r\nContent-Type: audio/wav\r\n\r\n%b\r\n--%b--\r\n" % (
        b"".join(parts),
        BOUNDARY,
        opening,
        content,
        BOUNDARY,
    )
    kind = f"multipart/form-data; boundary={BOUNDARY.decode()}"
    return head("POST", path, Content_Type=kind, Content_Length=len(body)) + body


@dataclass
class Tally:
    """What clients counted: seconds of each request, in the order they ended."""

    count: int
    seconds: list[float] = field(default_factory=list)
    started: float = 0.0
    ended: float = 0.0
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Whether there is one more request to make; then it is the caller's."""
        with self.lock:
            self.count -= 1
            return self.count >= 0

    def report(self) -> dict[str, Any]:
        wall = max(1e-9, self.ended - self.started)
        ordered = sorted(self.seconds) or [0.0]
        times = os.times()
        return {
            "done": len(self.seconds),
            "errors": len(self.errors),
            "first_error": self.errors[0] if self.errors else None,
            "wall_s": round(wall, 3),
            "per_s": round(len(self.seconds) / wall, 1),
            "p50_ms": round(ordered[len(ordered) // 2] * 1000, 1),
            "p95_ms": round(ordered[len(ordered) * 95 // 100] * 1000, 1),
            "p99_ms": round(ordered[len(ordered) * 99 // 100] * 1000, 1),
            "client_cpu_s": round(times.user + times.system, 2),
        }


def crowd(port: int, clients: int, count: int, once: Callable[[Connection], None]) -> Tally:
    """Do something so many times by so many clients at once; each time is timed."""
    tally, ready = Tally(count), threading.Barrier(clients + 1)

    def work() -> None:
        connection = Connection(port)
        ready.wait()
        try:
            while tally.take():
                began = time.perf_counter()
                once(connection)
                tally.seconds.append(time.perf_counter() - began)
        except (OSError, RuntimeError) as error:
            tally.errors.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    tally.started = time.perf_counter()
    for thread in threads:
        thread.join()
    tally.ended = time.perf_counter()
    return tally


def transcriptions(port: int, clients: int, count: int, size: int) -> dict[str, Any]:
    """Transcribe clips of so many bytes."""
    request = form("/v1/audio/transcriptions", sound(size), model="whisper-1", language="en")

    def once(connection: Connection) -> None:
        answer = connection.ask(request).expect(200)
        if not json.loads(answer.body)["text"].startswith("word0 word1"):
            raise RuntimeError(f"not the known words: {answer.body[:100]!r}")

    return crowd(port, clients, count, once).report()


class Endings:
    """Hears from the server which jobs have ended."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port)
        self._ended: dict[str, str] = {}
        self._changed = threading.Condition()
        self._connection._socket.sendall(head("GET", "/v1/jobs/events"))  # noqa: SLF001
        self._connection.head()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._connection.lines():
            if line.startswith(b"data: "):
                job = json.loads(line.removeprefix(b"data: "))
                if job["status"] in ("completed", "failed", "cancelled"):
                    with self._changed:
                        self._ended[job["id"]] = job["status"]
                        self._changed.notify_all()

    def wait(self, job_id: str) -> str:
        with self._changed:
            if not self._changed.wait_for(lambda: job_id in self._ended, TIMEOUT_SECONDS):
                raise RuntimeError(f"job {job_id} did not end")
            return self._ended.pop(job_id)


def jobs(port: int, clients: int, count: int, size: int) -> dict[str, Any]:
    """Post recordings of so many bytes as jobs and wait until they are completed."""
    request = form("/v1/jobs", sound(size), language="en")
    endings = Endings(port)

    def once(connection: Connection) -> None:
        answer = connection.ask(request).expect(202)
        status = endings.wait(json.loads(answer.body)["id"])
        if status != "completed":
            raise RuntimeError(f"a job is {status}")

    return crowd(port, clients, count, once).report()


def uploads(port: int, clients: int, count: int, size: int) -> dict[str, Any]:
    """Upload files of so many bytes by tus, one piece each, and remove them again."""
    content, version = memoryview(sound(size)), {"Tus_Resumable": "1.0.0"}

    def once(connection: Connection) -> None:
        stated = head("POST", "/v1/uploads", **version, Upload_Length=size, Content_Length=0)
        path = "/v1/" + connection.ask(stated).expect(201).headers["location"]
        piece = head(
            "PATCH",
            path,
            **version,
            Upload_Offset=0,
            Content_Type="application/offset+octet-stream",
            Content_Length=size,
        )
        connection.ask(piece, content).expect(204)
        connection.ask(head("DELETE", path, **version)).expect(204)

    return crowd(port, clients, count, once).report()


def forms(port: int, clients: int, count: int, size: int) -> dict[str, Any]:
    """Upload files of so many bytes as forms that become jobs, and delete those."""
    request = form("/v1/jobs", sound(size), language="en")

    def once(connection: Connection) -> None:
        job = json.loads(connection.ask(request).expect(202).body)
        connection.ask(head("DELETE", f"/v1/jobs/{job['id']}")).expect(204)

    return crowd(port, clients, count, once).report()


def sound(size: int) -> bytes:
    """Return so many bytes that begin like a WAV file."""
    return (b"RIFF\0\0\0\0WAVEfmt " + os.urandom(1024) * (size // 1024 + 1))[:size]


RUNS: dict[str, Callable[[int, int, int, int], dict[str, Any]]] = {
    "transcriptions": transcriptions,
    "jobs": jobs,
    "uploads": uploads,
    "forms": forms,
}


def main() -> None:
    """Do one run and print what was counted: `http_client.py RUN PORT CLIENTS COUNT BYTES`."""
    kind, *numbers = sys.argv[1:]
    print(json.dumps(RUNS[kind](*map(int, numbers))))


if __name__ == "__main__":
    main()
