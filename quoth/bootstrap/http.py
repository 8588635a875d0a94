"""The HTTP server: uvicorn, which tells streams that never end of its own end before it waits."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI

STARTUP_FAILURE = 3

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


def serve_http(app: FastAPI, edge: tuple[str, int] | None = None, **options: Any) -> None:
    """Answer requests until told to stop, as `uvicorn.run` does with these options.

    The other end of a socket is who asks, whatever headers say: uvicorn believes none.

    Args:
        app: answers them.
        edge: host and port of a second listener.
        options: for uvicorn.

    Raises:
        SystemExit: if it cannot begin.
        KeyboardInterrupt: if that is how it was told.
    """
    config = uvicorn.Config(app, proxy_headers=False, **options)
    server = _Server(config, app.state.closing.begin, _listener(edge) if edge else None)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def _listener(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        return socket.create_server(address, family=family)
    except OSError as error:
        log.error("EDGE_PORT: cannot listen at %s port %d: %s", *address, error.strerror)  # noqa: TRY400
        sys.exit(STARTUP_FAILURE)
