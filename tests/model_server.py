"""A server on loopback that gives models away, and fails, as the hub and a release page do."""

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REVISION = "5b" * 20
_PIECE = 50_000
SMALL_BYTES = 1000
"""Files below this are plain git blobs, others are in LFS, with a SHA-256."""


@dataclass
class ModelServer:
    """What it serves, how it fails, and what it was asked.

    Args:
        files: by path: of repositories `organisation/name/FILE`, of archives any other.
        cut_after: bytes after which a body is cut off, one entry for each of the next bodies.
        corrupt: whether one bit of every body is another.
        statuses: answers to the next requests for files, instead of the file.
        gated: whether repositories want conditions accepted.
        knows_ranges: whether a part of a file can be had.
        pace_seconds: between two pieces of a body.
        ranges: the `Range` of each request for a body, None for a whole one.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: list[int] = field(default_factory=list)
    corrupt: bool = False
    statuses: list[int] = field(default_factory=list)
    gated: bool = False
    knows_ranges: bool = True
    pace_seconds: float = 0.0
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""
    sent_bytes: int = 0

    def description(self, repository: str) -> dict[str, object] | None:
        prefix = f"{repository}/"
        names = [path.removeprefix(prefix) for path in self.files if path.startswith(prefix)]
        if not names:
            return None
        siblings = [_sibling(name, self.files[prefix + name]) for name in sorted(names)]
        return {"id": repository, "modelId": repository, "sha": REVISION, "siblings": siblings}


def _sibling(name: str, content: bytes) -> dict[str, object]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    about: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
    if len(content) >= SMALL_BYTES:
        sha256 = hashlib.sha256(content).hexdigest()
        about["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 130}
    return about


class _Handler(BaseHTTPRequestHandler):
    state: ModelServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._file(has_body=False)

    def do_GET(self) -> None:
        path = self.path.split("?")[0].strip("/")
        if path.startswith("api/models/"):
            self._describe(path.removeprefix("api/models/").split("/revision/")[0])
        else:
            self._file(has_body=True)

    def _describe(self, repository: str) -> None:
        about = self.state.description(repository)
        if about is None:
            self._refuse(404, "RepoNotFound")
            return
        content = json.dumps(about).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int, code: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("x-error-code", code)
        self.send_header("content-length", "0")
        self.end_headers()

    def _file(self, *, has_body: bool) -> None:
        path = self.path.split("?")[0].strip("/").replace(f"/resolve/{REVISION}/", "/")
        if self.state.gated:
            self._refuse(403, "GatedRepo")
        elif path not in self.state.files:
            self._refuse(404, "EntryNotFound")
        elif has_body and self.state.statuses:
            self._refuse(self.state.statuses.pop(0))
        else:
            self._send(self.state.files[path], has_body=has_body)

    def _send(self, content: bytes, *, has_body: bool) -> None:
        etag = hashlib.sha256(content).hexdigest()
        wanted = self.headers.get("range") if has_body else None
        fitting = self.headers.get("if-range", f'"{etag}"').strip('"') == etag
        first = 0
        if wanted and self.state.knows_ranges and fitting:
            first = int(wanted.removeprefix("bytes=").split("-")[0])
        self.send_response(206 if first else 200)
        body = content[first:]
        if first:
            self.send_header("content-range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("etag", f'"{etag}"')
        self.send_header("x-repo-commit", REVISION)
        self.send_header("accept-ranges", "bytes")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if not has_body:
            return
        self.state.ranges.append(wanted)
        if self.state.corrupt:
            body = bytes([body[0] ^ 1]) + body[1:] if body else body
        if self.state.cut_after:
            self.wfile.write(body[: self.state.cut_after.pop(0)])
            self.close_connection = True
            return
        pieces = [body[first : first + _PIECE] for first in range(0, len(body), _PIECE)]
        with contextlib.suppress(OSError):  # whoever asked is gone
            for piece in pieces:
                self.wfile.write(piece)
                self.state.sent_bytes += len(piece)
                time.sleep(self.state.pace_seconds)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Serve until the context ends."""
    state = ModelServer()
    handler = type("Handler", (_Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield state
        server.shutdown()
        thread.join()
