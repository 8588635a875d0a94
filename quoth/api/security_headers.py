"""What every answer tells a browser not to do with it."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""For all that is no page: shown as one, it loads and runs nothing."""
PAGE = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOCUMENTATION = PAGE + "; script-src 'self' 'unsafe-inline'"
"""Its pages, which the framework writes, hold their script."""
_DOCUMENTATION = ("/docs", "/redoc")


class SecurityHeaders:
    """Adds the headers that an answer does not have yet."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                kind = headers.get("content-type", "")
                headers.setdefault("content-security-policy", _policy(scope["path"], kind))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _policy(path: str, content_type: str) -> str:
    if not content_type.startswith("text/html"):
        return NOTHING
    return DOCUMENTATION if path.startswith(_DOCUMENTATION) else PAGE
