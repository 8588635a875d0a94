"""Sending uploads in ways a client would rather not: raw requests, and a network that breaks."""

import base64
import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx

VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata(**values: str) -> str:
    """Return the header that states values."""
    return ",".join(f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in values.items())


def create(server: str, size: int, client: httpx.Client | None = None, **values: str) -> str:
    """Begin an upload and return its address."""
    headers = VERSION | {"Upload-Length": str(size), "Upload-Metadata": metadata(**values)}
    response = (client or httpx).post(f"{server}/v1/uploads", headers=headers)
    assert response.status_code == 201, response.text
    return str(response.url.join(response.headers["location"]))


def patch(
    url: str, offset: int, content: bytes, client: httpx.Client | None = None
) -> httpx.Response:
    """Send bytes for an offset."""
    headers = VERSION | BYTES | {"Upload-Offset": str(offset)}
    return (client or httpx).patch(url, headers=headers, content=content, timeout=30)


def offset(url: str, client: httpx.Client | None = None) -> int:
    """Ask where to go on."""
    response = (client or httpx).head(url, headers=VERSION, timeout=30)
    assert response.status_code == 200, response.status_code
    return int(response.headers["upload-offset"])


def begin_patch(url: str, start: int, content: bytes, stated: int) -> socket.socket:
    """Send the head of a PATCH and some of the bytes it states, and leave the connection open."""
    address = httpx.URL(url)
    connection = socket.create_connection((address.host, address.port or 80))
    head = (
        f"PATCH {address.path} HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {start}\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {stated}\r\n\r\n"
    )
    connection.sendall(head.encode() + content)
    return connection


def reset(connection: socket.socket) -> None:
    """End a connection as a broken network does, without saying goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class BreakingNetwork:
    """A way to a server that breaks after so many bytes of a PATCH, for each of a list of numbers.

    What is not a PATCH passes, and so does every PATCH after the list is used up.
    """

    def __init__(self, port: int, breaks: list[int]) -> None:
        self.breaks = breaks
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        pairs: list[threading.Thread] = []
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                pairs.append(threading.Thread(target=self._carry, args=(client,)))
                pairs[-1].start()
        for pair in pairs:
            pair.join()

    def _carry(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._target)) as server, client:
            budget: int | None = None
            while True:
                readable, _, _ = select.select([client, server], [], [], 10)
                for source, sink in ((client, server), (server, client)):
                    if source not in readable:
                        continue
                    data = source.recv(16384)
                    if not data:
                        return
                    if source is client and data.startswith(b"PATCH") and self.breaks:
                        budget = self.breaks.pop(0) + data.index(b"\r\n\r\n") + 4
                    if source is client and budget is not None:
                        data = data[:budget]
                        budget -= len(data)
                    sink.sendall(data)
                if budget == 0:
                    reset(client)
                    reset(server)
                    return
                if not readable:
                    return


@contextmanager
def breaking_network(port: int, breaks: list[int]) -> Iterator[BreakingNetwork]:
    """Run one."""
    network = BreakingNetwork(port, breaks)
    try:
        yield network
    finally:
        network.close()
