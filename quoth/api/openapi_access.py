"""What the document of the API says of keys: from the table that decides on them."""

from collections.abc import Callable
from typing import Any

from quoth.auth.routes import needs
from quoth.auth.tickets import is_for_sessions, is_for_tickets

KEY, TICKET, SESSION = "key", "ticket", "session"
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch"})
SCHEMES: dict[str, Any] = {
    KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of `quoth keys create`. Whoever is in a network of BYPASS_NETWORKS "
        "needs none, unless AUTH is `required`.",
    },
    TICKET: {
        "type": "apiKey",
        "in": "query",
        "name": "ticket",
        "description": "Of `POST /v1/tickets`, for browsers: good once, for a minute.",
    },
    SESSION: {
        "type": "apiKey",
        "in": "query",
        "name": "session",
        "description": "The id that `POST /v1/session` told; its secret is in the cookie that it "
        "set.",
    },
}
ERROR: dict[str, Any] = {
    "title": "Error",
    "description": "What went wrong, as OpenAI's API says it.",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_SHOWN = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
KEY_REQUIRED: dict[str, Any] = {
    "description": "A key is needed, and none that is good is shown; the same for every reason.",
    "headers": {"WWW-Authenticate": {"schema": {"type": "string"}}},
    "content": _SHOWN,
}
NOT_ALLOWED: dict[str, Any] = {
    "description": "The key lacks a scope that this needs, or a page of another site asks.",
    "content": _SHOWN,
}


def with_access(make: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return what makes a document with what each request needs; made once.

    Args:
        make: the document without.
    """
    made: list[dict[str, Any]] = []

    def document() -> dict[str, Any]:
        if not made:
            made.append(_described(make()))
        return made[0]

    return document


def _described(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    components["responses"] = {"KeyRequired": KEY_REQUIRED, "NotAllowed": NOT_ALLOWED}
    components.setdefault("schemas", {})["Error"] = ERROR
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                _describe(operation, method.upper(), path)
    return document


def _describe(operation: dict[str, Any], method: str, path: str) -> None:
    needed = needs(method, path)
    if needed is None:
        operation["security"] = []
        return
    ways = [KEY]
    if method == "GET":
        ways += [TICKET] if is_for_tickets(path) else []
        ways += [SESSION] if is_for_sessions(path) else []
    operation["security"] = [{way: sorted(needed)} for way in ways]
    answers = operation.setdefault("responses", {})
    answers["401"] = {"$ref": "#/components/responses/KeyRequired"}
    if needed:
        answers["403"] = {"$ref": "#/components/responses/NotAllowed"}
