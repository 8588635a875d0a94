"""A hub of models and a host of archives on loopback, with faults to order.

It answers as the Hugging Face hub does, as far as `huggingface_hub` asks: what a repository has at
a revision, and its files, those in LFS by way of a redirect to another host (a second port).
"""

import hashlib
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

LFS_FROM_BYTES = 4000
"""Files from this size on are in LFS."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer.

    `cut` ends the connection after so many bytes of the body; `flip` changes a byte of the body;
    `status` is answered instead; `is_rangeless` ignores Range; `seconds` passes between blocks.
    """

    cut: int | None = None
    flip: int | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_rangeless: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    host: str
    path: str
    range: str | None
    authorization: str | None


@dataclass
class Repository:
    """Files at one commit; gated ones want a token, and that its account accepted."""

    files: dict[str, bytes]
    revision: str = "a" * 40
    is_gated: bool = False
    accepted: frozenset[str] = frozenset()


class Server:
    """Both hosts: `hub` and `cdn` are their addresses."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.asked: list[Asked] = []
        self.hub = self.cdn = ""
        self.sent = threading.Event()
        """Set when the first block of a slow answer is out."""

    def fail(self, name: str, *faults: Fault) -> None:
        """Order faults for the next answers whose path ends in a name."""
        self.faults[name].extend(faults)

    def gets(self, name: str) -> list[Asked]:
        """Return the requests for bodies of files with a name."""
        return [asked for asked in self.asked if asked.path.endswith(name)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_data: Server

    def do_GET(self) -> None:
        self._asked = Asked(
            self.headers["Host"],
            unquote(urlsplit(self.path).path),
            self.headers.get("Range"),
            self.headers.get("Authorization"),
        )
        path = self._asked.path
        fault = self._fault(path)
        data = self.server_data
        data.asked.append(self._asked)
        if fault.status is not None:
            self._answer(fault.status, fault.body, fault.headers)
        elif path.startswith("/api/models/"):
            self._info(path.removeprefix("/api/models/"))
        elif "/resolve/" in path:
            self._resolve(path, fault)
        elif path in data.files:
            self._file(data.files[path], fault)
        else:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})

    def _fault(self, path: str) -> Fault:
        """Take the fault that was ordered, not for the redirect but for what it leads to."""
        for name, faults in self.server_data.faults.items():
            if faults and path.endswith(name):
                spares = self._redirects(path) and faults[0].status is None
                return Fault() if spares else faults.popleft()
        return Fault()

    def _redirects(self, path: str) -> bool:
        name, _, rest = path.removeprefix("/").partition("/resolve/")
        repository = self.server_data.repositories.get(name)
        file = rest.partition("/")[2]
        return repository is not None and len(repository.files.get(file, b"")) >= LFS_FROM_BYTES

    def _info(self, path: str) -> None:
        name, _, revision = path.partition("/revision/")
        repository = self.server_data.repositories.get(name)
        if repository is None:
            self._answer(401, b"", {"X-Error-Code": "RepoNotFound"})
            return
        if revision not in {"main", repository.revision}:
            self._answer(404, b"", {"X-Error-Code": "RevisionNotFound"})
            return
        siblings = [_sibling(name, content) for name, content in repository.files.items()]
        document = {"id": name, "sha": repository.revision, "siblings": siblings}
        self._answer(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _resolve(self, path: str, fault: Fault) -> None:
        name, _, rest = path.removeprefix("/").partition("/resolve/")
        revision, _, file = rest.partition("/")
        repository = self.server_data.repositories[name]
        token = (self._asked.authorization or "").removeprefix("Bearer ")
        if repository.is_gated and token not in repository.accepted:
            self._answer(403 if token else 401, b"", {"X-Error-Code": "GatedRepo"})
            return
        if revision != repository.revision or file not in repository.files:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        content = repository.files[file]
        if len(content) < LFS_FROM_BYTES:
            self._file(content, fault)
            return
        where = f"/blobs/{hashlib.sha256(content).hexdigest()}/{file}"
        self.server_data.files[where] = content
        self._answer(302, b"", {"Location": f"{self.server_data.cdn}{where}"})

    def _file(self, content: bytes, fault: Fault) -> None:
        start = 0
        if self._asked.range and not fault.is_rangeless:
            start = int(self._asked.range.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content) > 0:
            self._answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        body = bytearray(content[start:])
        if fault.flip is not None:
            body[fault.flip] ^= 1
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._answer(206 if start else 200, bytes(body), headers, fault)

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str], fault: Fault | None = None
    ) -> None:
        fault = fault or Fault()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: fault.cut] if not fault.seconds else b"")
        for start in range(0, len(body) if fault.seconds else 0, 1000):
            self.wfile.write(body[start : start + 1000])
            self.wfile.flush()
            self.server_data.sent.set()
            time.sleep(fault.seconds)
        if fault.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        """Keep quiet."""


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what some tests are about."""


def _sibling(name: str, content: bytes) -> dict[str, object]:
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False)
    entry: dict[str, object] = {
        "rfilename": name,
        "size": len(content),
        "blobId": blob.hexdigest(),
    }
    if len(content) >= LFS_FROM_BYTES:
        sha256 = hashlib.sha256(content).hexdigest()
        entry["lfs"] = {"size": len(content), "sha256": sha256, "pointerSize": 134}
    return entry


@contextmanager
def serving() -> Iterator[Server]:
    """Run both hosts."""
    data = Server()
    handler = type("Handler", (_Handler,), {"server_data": data})
    servers = [_QuietServer(("127.0.0.1", 0), handler) for _ in range(2)]
    data.hub, data.cdn = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        for server in servers
    ]
    for thread in threads:
        thread.start()
    try:
        yield data
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
