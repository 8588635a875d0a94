"""An application asked in this process, by a peer and at a port of the test's choice."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Scope

ENDLESS = b"text/event-stream"
LISTENING_SECONDS = 0.05
"""After which whoever asked for events has heard enough, and leaves."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an application answered, and the template of the route that did."""

    status: int
    headers: dict[str, str]
    body: bytes
    route: str | None


async def ask(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: bytes = b"",
    *,
    peer: str = "127.0.0.1",
    port: int = 8000,
) -> Answered:
    """Ask as uvicorn would hand a request on; `target` is a path with its query, encoded."""
    path, _, query = target.partition("?")
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": list(headers),
        "client": (peer, 40_000),
        "server": ("127.0.0.1", port),
        "state": {},
    }
    told: list[Message] = []
    is_sent, is_endless, is_over = False, asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        nonlocal is_sent
        if not is_sent:
            is_sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.wait(
            {asyncio.ensure_future(is_endless.wait()), asyncio.ensure_future(is_over.wait())},
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not is_over.is_set():
            await asyncio.sleep(LISTENING_SECONDS)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        told.append(message)
        if message["type"] == "http.response.start":
            if any(value.startswith(ENDLESS) for _, value in message["headers"]):
                is_endless.set()
        elif not message.get("more_body", False):
            is_over.set()

    await app(scope, receive, send)
    start, *rest = told
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    route = getattr(scope.get("route"), "path", None)
    return Answered(start["status"], found, b"".join(each.get("body", b"") for each in rest), route)
