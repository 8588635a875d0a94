"""The HTTP server: uvicorn, which tells streams that never end of its own end before it waits."""

import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI

STARTUP_FAILURE = 3


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)


def serve_http(app: FastAPI, **options: Any) -> None:
    """Answer requests until told to stop, as `uvicorn.run` does with these options.

    Raises:
        SystemExit: if it cannot begin.
        KeyboardInterrupt: if that is how it was told.
    """
    server = _Server(uvicorn.Config(app, **options), app.state.closing.begin)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
