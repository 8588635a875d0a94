"""Which web pages may talk to a server that asks nobody for a key.

Any page a person visits can send requests to their own machine. Two checks keep it out: the
`Origin` a browser states must be the server itself, and the `Host` must be a name of this machine,
or a name that a stranger points at it (DNS rebinding) would pass for the server itself.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from quoth.api.errors import answer_quoth_error
from quoth.domain.errors import ForbiddenOrigin

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class OriginGuard:
    """Turns away requests from pages of other sites.

    Args:
        app: what is guarded.
        hosts: names the server answers to; None for all, where it listens to a whole network.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it before its body is read."""
        if scope["type"] == "http" and (refused := self._refused(Headers(scope=scope))):
            answer = answer_quoth_error(Request(scope), ForbiddenOrigin(refused))
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refused(self, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.hosts is not None and _name(f"//{host}") not in self.hosts:
            return host or "a client that does not say whom it asks"
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return origin
        return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
