"""The gate: who a request comes from and what it may do is decided before a byte of its body."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quoth.api.errors import answer_to
from quoth.api.lasting import while_good
from quoth.auth.access import Access, Caller
from quoth.auth.forwarding import values_of
from quoth.auth.limits import Limits, standing_headers
from quoth.auth.origins import Asked, Verdict, judge
from quoth.auth.tickets import Redeemed, Tickets, shown_by
from quoth.domain.access_errors import KeyRequired
from quoth.domain.errors import QuothError
from quoth.domain.keys import ApiKey

CALLER = "quoth.caller"
"""Where the scope of a request has its `Caller`."""
AT_THE_EDGE = "quoth.is_at_edge"
"""What the scope of a request has that came to the listener where everybody needs a key."""
COUNTING_THREADS = 16
"""That wait for tickets and the counts of limits, which are elsewhere and may be away."""


About = TypeVar("About")
Told = TypeVar("Told")


class Gate:
    """Lets requests pass that may, with their caller noted.

    Args:
        app: what is behind it.
        access: who may do what.
        limits: how much; None for as much as they like.
        note_use: is told of keys that are used.
        tickets: that browsers show in place of keys; None for none.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        limits: Limits | None = None,
        note_use: Callable[[ApiKey], None] | None = None,
        tickets: Tickets | None = None,
    ) -> None:
        self.app = app
        self.note_use = note_use
        self.access = access
        self.limits = limits
        self.tickets = tickets
        self._counting: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it unread."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            told = await self._admit(scope)
        except QuothError as error:
            await refuse(answer_to(error), scope, receive, send)
            return
        send = _telling(send, told) if told else send
        key = caller_of(scope).key
        if key is None:
            await self.app(scope, receive, send)
        else:
            is_good = partial(self.access.is_in_force, key)
            await while_good(is_good, self.app, scope, receive, send)

    async def _admit(self, scope: Scope) -> Mapping[str, str]:
        """Note who a request comes from; return headers for its answer."""
        asked = asked_by(scope)
        if self.access.policy.proxies:  # for logs; who is trusted was asked of the socket
            client = judge(asked, self.access.policy).client
            scope["client"] = None if client is None else (str(client), 0)
        redeemed = await self._redeemed(scope, asked)
        try:
            caller = scope[CALLER] = self.access.admit(asked, scope["path"], redeemed)
        except KeyRequired:
            is_tried = redeemed is not None or values_of(asked.headers, "authorization")
            if self.limits is not None and is_tried:
                client = judge(asked, self.access.policy).client
                await self._count(self.limits.failed_login, client)
            raise
        if self.note_use is not None and caller.key is not None:
            await self._count(self.note_use, caller.key)
        if self.limits is None or not self.limits.is_about(caller):
            return {}
        return standing_headers(await self._count(self.limits.request, caller))

    async def _redeemed(self, scope: Scope, asked: Asked) -> Redeemed | None:
        """Return what a ticket stands for; whoever is turned away in any case keeps theirs."""
        if self.tickets is None:
            return None
        shown = shown_by(asked, scope["path"], scope.get("query_string", b""))
        if shown is None or judge(asked, self.access.policy).verdict is Verdict.FORBIDDEN:
            return None
        return await self._count(self.tickets.redeem, shown)

    async def _count(self, count: Callable[[About], Told], about: About) -> Told:
        if self._counting is None:  # it belongs to the event loop
            self._counting = CapacityLimiter(COUNTING_THREADS)
        return await anyio.to_thread.run_sync(count, about, limiter=self._counting)


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


async def refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer without reading the body; what is left of it is not taken from the connection."""
    if scope["type"] == "websocket":
        if "websocket.http.response" in scope.get("extensions", {}):
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    answer.headers["connection"] = "close"
    await answer(scope, receive, send)


def _telling(send: Send, told: Mapping[str, str]) -> Send:
    async def send_telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(told)
        await send(message)

    return send_telling
