"""The gate: who a request comes from and what it may do is decided before a byte of its body."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from quoth.api.errors import answer_to
from quoth.auth.access import Access, Caller
from quoth.auth.origins import Asked
from quoth.domain.errors import QuothError

CALLER = "quoth.caller"
"""Where the scope of a request has its `Caller`."""
AT_THE_EDGE = "quoth.is_at_edge"
"""What the scope of a request has that came to the listener where everybody needs a key."""


class Gate:
    """Lets requests pass that may, with their caller noted.

    Args:
        app: what is behind it.
        access: who may do what.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it unread."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            scope[CALLER] = self.access.admit(asked_by(scope), scope["path"])
        except QuothError as error:
            await refuse(answer_to(error), scope, receive, send)
            return
        await self.app(scope, receive, send)


class AtTheEdge:
    """Marks requests that came to the listener at `EDGE_PORT`, where everybody needs a key.

    The server's end of the connection says so, and nothing in the request.

    Args:
        app: the application.
        port: of that listener; None where there is none.
    """

    def __init__(self, app: ASGIApp, port: int | None) -> None:
        self.app = app
        self.port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        here = scope.get("server")
        scope[AT_THE_EDGE] = self.port is not None and here is not None and here[1] == self.port
        await self.app(scope, receive, send)


def asked_by(scope: Scope) -> Asked:
    """Return what is known of a request before its body."""
    client = scope.get("client")
    return Asked(
        client[0] if client else None,
        tuple(scope["headers"]),
        scope.get("method", "GET"),
        is_at_edge=bool(scope.get(AT_THE_EDGE)),
    )


def caller_of(scope: Scope) -> Caller:
    """Return who a request comes from."""
    caller: Caller = scope[CALLER]
    return caller


async def refuse(answer: JSONResponse, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer without reading the body; what is left of it is not taken from the connection."""
    if scope["type"] == "websocket":
        if "websocket.http.response" in scope.get("extensions", {}):
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    answer.headers["connection"] = "close"
    await answer(scope, receive, send)
