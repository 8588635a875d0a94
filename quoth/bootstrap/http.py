"""The HTTP server: uvicorn, which tells streams that never end of its own end before it waits."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import uvicorn
from fastapi import FastAPI

from quoth.api.connections import Connections
from quoth.api.guarded_connection import MAX_HEAD_BYTES, guard

STARTUP_FAILURE = 3
WEBSOCKETS: Mapping[str, Any] = {
    "ws": "websockets-sansio",
    "ws_max_size": 16 * 1024 * 1024,  # OpenAI's clients may put 15 MiB in one event
    "ws_per_message_deflate": False,  # PCM does not shrink, and what inflates can be a bomb
}
"""uvicorn's options for WebSocket."""

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """A server that may listen at an edge as well, without TLS: what is there is a tunnel."""

    def __init__(
        self, config: uvicorn.Config, ending: Callable[[], None], edge: socket.socket | None
    ) -> None:
        super().__init__(config)
        self._ending = ending
        self._edge = edge

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets:  # of which uvicorn thinks that whoever opened them has said so
            self._log_started_message(sockets)
        if self._edge is None:
            return

        def protocol() -> asyncio.Protocol:
            kind: Any = self.config.http_protocol_class
            made: asyncio.Protocol = kind(
                config=self.config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
            )
            return made

        loop = asyncio.get_running_loop()
        self.servers.append(await loop.create_server(protocol, sock=self._edge))
        host, port = self._edge.getsockname()[:2]
        log.info("Everybody needs a key at %s port %d", host, port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)


class Listeners(NamedTuple):
    """Sockets that have their addresses; nobody is answered, and nobody else can take them."""

    main: list[socket.socket]
    edge: socket.socket | None = None


def bind(host: str, port: int, edge: tuple[str, int] | None = None) -> Listeners:
    """Take the addresses to listen at, before anything is done that a busy port would undo.

    Args:
        host: an address, or a name of this machine, which may have several.
        port: of it.
        edge: host and port of a second listener.

    Raises:
        SystemExit: if one cannot be had; the log says which.
    """
    found = _resolved(host, port)
    return Listeners(
        [_bound("--port", family, address) for family, address in found],
        edge and _bound("EDGE_PORT", *_resolved(*edge)[0]),
    )


def serve_http(
    app: FastAPI,
    listeners: Listeners,
    connections: Connections | None = None,
    **options: Any,
) -> None:
    """Answer requests until told to stop, as `uvicorn.run` does with these options.

    The other end of a socket is who asks, whatever headers say: uvicorn believes none.

    Args:
        app: answers them.
        listeners: where they come in.
        connections: holds them to limits; None for none.
        options: for uvicorn.

    Raises:
        SystemExit: if it cannot begin.
        KeyboardInterrupt: if that is how it was told.
    """
    config = uvicorn.Config(app, proxy_headers=False, http="h11", **WEBSOCKETS, **options)
    if connections is not None:
        hold_to(connections, config)
    server = _Server(config, app.state.closing.begin, listeners.edge)
    server.run(listeners.main)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def hold_to(connections: Connections, config: uvicorn.Config) -> None:
    """Let a server's connections be held to limits, at each of its listeners."""
    config.h11_max_incomplete_event_size = 2 * MAX_HEAD_BYTES  # the limit is ours, its answer too
    config.load()
    guarded: Any = guard(connections, config.http_protocol_class)
    config.http_protocol_class = guarded


def _resolved(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        log.error("Cannot listen at %s: %s", host, error.strerror)  # noqa: TRY400
        sys.exit(STARTUP_FAILURE)
    return list(dict.fromkeys((each[0], each[4]) for each in found))


def _bound(setting: str, family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a restart waits
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        host, port = address[:2]
        log.error("Cannot listen at %s port %d: %s (%s)", host, port, error.strerror, setting)  # noqa: TRY400
        sys.exit(STARTUP_FAILURE)
    return listener
