"""Every kind of caller against every kind of request, compared with a small table of its own.

The table below repeats no code of `quoth.auth`: peers and headers are marked by hand with what they
are, and four lines of logic say what follows.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from itertools import product

import pytest
from starlette.types import Message, Receive, Scope, Send

from quoth.adapters.memory.keys import MemoryKeyRing
from quoth.adapters.memory.tickets import MemoryTicketStore
from quoth.api.gate import AtTheEdge, Gate
from quoth.auth.access import Access
from quoth.auth.origins import Policy
from quoth.auth.tickets import Tickets
from quoth.domain.keys import ApiKey
from quoth.domain.keys import Scope as May

NOW = 1_800_000_000.0
GATEWAY, PROXY = "172.17.0.1", "192.168.7.7"
PORT, EDGE = 8000, 8001
GOOD, OLD, GONE = "quoth_good", "quoth_old", "quoth_gone"

Headers = Sequence[tuple[bytes, bytes]]

PEERS: Sequence[tuple[str | None, bool]] = (
    ("127.0.0.1", True),
    ("::1", True),
    ("192.168.1.2", True),
    ("10.255.0.1", True),
    ("::ffff:172.31.9.9", True),
    ("fe80::1%eth0", True),
    ("100.127.255.255", True),
    ("fd7a:115c:a1e0::5", True),
    ("203.0.113.5", False),
    ("240.0.0.1", False),  # Cloudflare's Pseudo-IPv4
    (GATEWAY, False),
    (PROXY, False),
    (None, False),
)
"""Thirteen, with whether they are at home."""

HEADERS: Sequence[tuple[Headers, str]] = (
    ((), "nothing"),
    (((b"accept", b"*/*"), (b"user-agent", b"curl")), "nothing"),
    (((b"origin", b"http://192.168.1.5:8000"),), "nothing"),
    (((b"cf-connecting-ip", b"192.168.1.2"),), "passed on"),
    (((b"CF-Ray", b""),), "passed on"),
    (((b"x-forwarded-for", b"127.0.0.1"),), "passed on"),
    (((b"X-Forwarded-Proto", b"https"),), "passed on"),
    (((b"forwarded", b"for=127.0.0.1"),), "passed on"),
    (((b"x-real-ip", b"10.0.0.1"), (b"accept", b"*/*")), "passed on"),
    (((b"true-client-ip", b"nonsense"),), "passed on"),
    (((b"via", b"1.1 x"), (b"cdn-loop", b"cloudflare")), "passed on"),
    (((b"tailscale-user-login", b"a@b.example"),), "passed on"),
    (((b"origin", b"https://evil.example"),), "a foreign page"),
    (((b"sec-fetch-site", b"cross-site"), (b"sec-fetch-mode", b"no-cors")), "a foreign page"),
    (
        (
            (b"sec-fetch-site", b"cross-site"),
            (b"sec-fetch-mode", b"navigate"),
            (b"sec-fetch-dest", b"document"),
        ),
        "a link on a foreign page",
    ),
)

KEYS: Sequence[tuple[Sequence[bytes], str]] = (
    ((), "none"),
    ((b"Bearer " + GOOD.encode(),), "good"),
    ((b"Bearer " + OLD.encode(),), "bad"),
    ((b"Bearer " + GONE.encode(),), "bad"),
    ((b"Bearer sk-anything",), "any text"),
    ((b"Basic dXNlcjpwYXNz",), "any text"),
    ((), "a ticket"),
    ((), "a bad ticket"),
    ((), "a session"),
    ((), "a bad session"),
)
"""Headers, and what they are; tickets and sessions are made for each request."""

REQUESTS: Sequence[tuple[str, str, str | None]] = (
    ("GET", "/health", None),
    ("GET", "/v1/models/whisper-1", None),
    ("GET", "/v1/shares/abc/audio", None),
    ("POST", "/v1/audio/transcriptions", "transcribe"),
    ("GET", "/v1/jobs/1/transcript", "read"),
    ("DELETE", "/v1/jobs/1", "delete"),
    ("POST", "/v1/keys", "admin"),
    ("GET", "/v1/jobs/events", "read"),
    ("GET", "/v1/jobs/1/audio", "read"),
)
"""Nine, with what the good key has to have for it; it has no `delete`."""

MODES = ("auto", "required", "edge")

KNOWN = (
    ApiKey(
        "k1", "good", hashlib.sha256(GOOD.encode()).hexdigest(), frozenset(set(May) - {May.DELETE})
    ),
    ApiKey("k2", "old", hashlib.sha256(OLD.encode()).hexdigest(), frozenset(May), expires=NOW - 1),
)


def expected(
    *, at_home: bool, sign: str, key: str, request: tuple[str, str, str | None], mode: str
) -> int:
    """Say what is answered."""
    method, path, needs = request
    if sign == "a foreign page" or (sign.startswith("a link") and method != "GET"):
        return 403
    is_trusted = at_home and sign != "passed on" and mode == "auto"
    if key.endswith("ticket"):
        key = {"a ticket": "good", "a bad ticket": "bad"}[key] if "events" in path else "none"
    if key.endswith("session"):
        is_seen = key == "a session" and path in SEEN and not sign.startswith("a link")
        key = "good" if is_seen else "none"
    if needs is None:
        return 200
    if key == "good":
        return 403 if needs == "delete" else 200
    if key == "bad" or not is_trusted:
        return 401
    return 403 if needs == "admin" else 200


@dataclass
class Inside:
    """What is behind the gate: says that it was reached."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


SEEN = ("/v1/jobs/1/transcript", "/v1/jobs/1/audio")
"""What a session opens."""

STORE = MemoryTicketStore()
TICKETS = Tickets(STORE, MemoryKeyRing(KNOWN), lambda: NOW)
GIVEN: list[str] = []
SESSIONS = {key.name: TICKETS.begin_session(key) for key in KNOWN}


def shows(key: str, path: str) -> tuple[Headers, str]:
    """Make what stands for a key: headers and a query."""
    if key.endswith("ticket"):
        for digest in GIVEN:
            STORE.remove(digest)
        made = TICKETS.give(KNOWN[0], "/v1/jobs/2/events" if "bad" in key else path)
        GIVEN[:] = [made.ticket.digest]
        return (), f"ticket={made.secret}"
    if key.endswith("session"):
        made = SESSIONS["old" if "bad" in key else "good"]
        cookie = f"quoth_media_{made.session}={made.secret}"
        return [(b"cookie", cookie.encode())], f"session={made.session}"
    return (), ""


def gate(mode: str) -> AtTheEdge:
    policy = Policy(
        is_key_always_required=mode == "required",
        proxies=(ip_network(PROXY),),
        stand_ins=frozenset({ip_address(GATEWAY)}),
    )
    access = Access(MemoryKeyRing(KNOWN), lambda: NOW, policy)
    return AtTheEdge(Gate(Inside(), access, tickets=TICKETS), EDGE)


async def unread() -> Message:
    raise AssertionError("the body was read")


async def status(app: AtTheEdge, scope: Scope) -> int:
    answered: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    await app(scope, unread, send)
    [only] = answered
    return only


@pytest.mark.parametrize("mode", MODES)
def test_who_is_let_in_is_as_the_table_says(mode: str) -> None:
    asyncio.run(_compare(mode))


async def _compare(mode: str) -> None:
    app, wrong, cells = gate(mode), [], 0
    for peer, headers, keys, request in product(PEERS, HEADERS, KEYS, REQUESTS):
        method, path, _ = request
        cookies, query = shows(keys[1], path)
        raw = [(b"host", b"192.168.1.5:8000"), *headers[0], *cookies]
        raw += [(b"authorization", key) for key in keys[0]]
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": raw,
            "client": (peer[0], 50_000) if peer[0] else None,
            "server": ("127.0.0.1", EDGE if mode == "edge" else PORT),
        }
        found = await status(app, scope)
        wanted = expected(at_home=peer[1], sign=headers[1], key=keys[1], request=request, mode=mode)
        cells += 1
        if found != wanted:
            wrong.append(f"{peer[0]} {headers[0]} {keys} {method} {path}: {found}, not {wanted}")
    assert cells == 13 * 15 * 10 * 9
    assert not wrong, f"{len(wrong)} of {cells}:\n" + "\n".join(wrong[:20])
