"""`/`: the web page, as `scripts/build_frontend.sh` built it into `quoth/web/`."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

WEB = Path(__file__).parents[2] / "web"
"""Where a build lies, in a checkout as in a wheel."""

SOURCES: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}
POLICY = "; ".join(f"{kind} {allowed}" for kind, allowed in SOURCES.items())
"""Nothing runs that is not a file of ours: a script in a transcript is text."""

GUARDED: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
FRESH = {"Cache-Control": "no-cache"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
"""The name of an asset has the hash of its content."""

UNBUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Quoth</title>
<h1>Quoth is running; its page is not built</h1>
<p>Building it takes Node 20 or newer: run <code>scripts/build_frontend.sh</code>, then load this
page again. The API needs no page: <a href="docs">see what it offers</a>.</p>
</html>
"""


def router(web: Path = WEB) -> APIRouter:
    """Return the routes of a build.

    Args:
        web: its folder, which need not be there.
    """
    routes = APIRouter(include_in_schema=False)
    folder = web.resolve()

    @routes.get("/")
    @routes.head("/")
    def index(request: Request) -> Response:
        if not (folder / "index.html").is_file():
            return HTMLResponse(UNBUILT, headers={**GUARDED, **FRESH})
        return _file(request, folder / "index.html", FRESH)

    @routes.get("/assets/{name}")
    def asset(request: Request, name: str) -> Response:
        return _file(request, folder / "assets" / name, FOREVER)

    @routes.get("/favicon.svg")
    def icon(request: Request) -> Response:
        return _file(request, folder / "favicon.svg", FRESH)

    return routes


def _file(request: Request, path: Path, caching: Mapping[str, str]) -> Response:
    """Return a file, compressed if the build did that and the client takes it."""
    if not path.is_file() or path.name in {".", ".."}:
        raise HTTPException(404)
    headers = {**GUARDED, **caching, "Vary": "Accept-Encoding"}
    packed = path.with_name(f"{path.name}.gz")
    if packed.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
        kind = FileResponse(path).media_type
        return FileResponse(packed, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})
    return FileResponse(path, headers=headers)
