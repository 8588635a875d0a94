"""The gate on whatever bytes come: without a key nobody passes the edge, and nothing breaks it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from quoth.adapters.memory.keys import MemoryKeyRing
from quoth.adapters.rate_limits.counting import LocalRateLimits
from quoth.api.gate import CALLER, AtTheEdge, Gate
from quoth.auth.access import Access, Caller
from quoth.auth.limits import Limits, home_of
from quoth.auth.networks import peer_address
from quoth.auth.origins import Policy
from quoth.domain.jobs import LOCAL_OWNER
from quoth.domain.keys import ApiKey, Quotas, digest_of_key
from quoth.domain.keys import Scope as May
from quoth.ports.rate_limits import RateRule

NOW, EDGE = 1_800_000_000.0, 8001
SECRET = b"quoth_secret"
KEY = ApiKey("k1", "phone", digest_of_key(SECRET), frozenset({May.READ}), quotas=Quotas())
HOST = (b"host", b"127.0.0.1:8000")
Headers = Sequence[tuple[bytes, bytes]]


@dataclass
class Inside:
    """What is behind the gate: says that it was reached, and by whom."""

    callers: list[Caller] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.clients.append(scope["client"][0])
        self.callers.append(scope[CALLER])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@dataclass
class Door:
    """A gate and what is told in front of it."""

    inside: Inside = field(default_factory=Inside)
    limits: Limits | None = None
    policy: Policy = field(default_factory=Policy)

    def ask(
        self, headers: Headers, path: str = "/v1/jobs", peer: str = "127.0.0.1", port: int = 8000
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an answer."""
        access = Access(MemoryKeyRing([KEY]), lambda: NOW, self.policy)
        gate = AtTheEdge(Gate(self.inside, access, self.limits), EDGE)
        scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": list(headers),
            "client": (peer, 1),
            "server": ("127.0.0.1", port),
        }
        told: list[Message] = []

        async def send(message: Message) -> None:
            told.append(message)

        async def unread() -> Message:
            raise AssertionError("the body was read")

        asyncio.run(gate(scope, unread, send))
        start, *rest = told
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], found, b"".join(each.get("body", b"") for each in rest)


def bearer(key: bytes) -> tuple[bytes, bytes]:
    return b"authorization", b"Bearer " + key


NAMES = st.sampled_from(
    [b"host", b"origin", b"authorization", b"x-forwarded-for", b"cf-connecting-ip", b"forwarded"]
) | st.binary(max_size=20)
VALUES = (
    st.binary(max_size=60)
    | st.sampled_from(
        [b"127.0.0.1", b"localhost", b"http://127.0.0.1:8000", b"Bearer ", b"Bearer x"]
    )
    | st.binary(max_size=40).map(lambda text: b"Bearer " + text)
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    st.sampled_from(["/v1/jobs", "/v1/keys", "/v1/audio/transcriptions", "/docs", "/metrics"])
    | st.text(max_size=12).map(lambda text: f"/v1/jobs/{text}"),
    st.sampled_from(["127.0.0.1", "192.168.1.2", "203.0.113.5", "::1", ""]),
)
def test_without_a_key_nobody_passes_the_edge(headers: Headers, path: str, peer: str) -> None:
    status, _, _ = Door().ask(headers, path, peer, EDGE)
    assert status in {401, 403}


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.text(max_size=40))
def test_no_bytes_break_the_gate(headers: Headers, peer: str) -> None:
    status, _, _ = Door().ask(headers, peer=peer)
    assert status in {200, 401, 403}


BAD_KEYS = [
    b"",
    b"Bearer",
    b"Bearer ",
    b"Bearer  ",
    b"bearer x y",
    b"Basic dXNlcjpwYXNz",
    b"Bearer quoth_",
    b"Bearer " + SECRET + b"x",
    b"Bearer " + SECRET[:-1],
    b"Bearer " + SECRET.upper(),
    b"Bearer " + "é".encode(),
    b"Bearer \xff\xfe",
    b"Bearer \x00",
    b"Bearer " + KEY.digest.encode(),
    b"Bearer " + b"x" * 100_000,
    b"Bearer " + SECRET + b"\n",
    b"Bearer" + SECRET,
    b"\x00Bearer " + SECRET,
]


@pytest.mark.parametrize("value", BAD_KEYS)
def test_a_bad_key_of_any_shape_is_answered_alike(value: bytes) -> None:
    status, headers, body = Door().ask([HOST, (b"authorization", value)], port=EDGE)
    _, _, without = Door().ask([HOST], port=EDGE)
    assert status == 401
    assert headers["www-authenticate"].startswith("Bearer")
    assert headers["connection"] == "close"
    assert body == without
    assert json.loads(body)["error"]["code"] == "invalid_api_key"


def test_two_keys_are_none_even_if_one_is_good() -> None:
    assert Door().ask([HOST, bearer(SECRET), bearer(b"x")], port=EDGE)[0] == 401


def test_a_good_key_passes_with_its_own_name() -> None:
    door = Door()
    assert door.ask([HOST, bearer(SECRET)], port=EDGE)[0] == 200
    [caller] = door.inside.callers
    assert (caller.owner, caller.key) == ("k1", KEY)


def test_at_home_any_text_passes_for_a_key_but_for_one_that_means_a_key_of_ours() -> None:
    door = Door()
    assert door.ask([HOST, bearer(b"sk-none-needed")])[0] == 200
    assert door.inside.callers[0].owner == LOCAL_OWNER
    assert door.ask([HOST, bearer(b"quoth_revoked")])[0] == 401


def test_the_edge_is_known_by_the_socket_and_not_by_text() -> None:
    for host in (b"127.0.0.1:8000", b"127.0.0.1:8001", b"localhost"):
        assert Door().ask([(b"host", host)], port=8000)[0] == 200
        assert Door().ask([(b"host", host)], port=EDGE)[0] == 401


def limited(requests: int = 3, failed_logins: int = 2) -> Door:
    rules = RateRule("requests", requests, 60), RateRule("bad keys", failed_logins, 60)
    return Door(limits=Limits(LocalRateLimits(), *rules))


def test_each_key_has_its_limit_and_is_told_where_it_is() -> None:
    door = limited()
    told = [door.ask([HOST, bearer(SECRET)], port=EDGE) for _ in range(4)]
    assert [status for status, _, _ in told] == [200, 200, 200, 429]
    assert [headers["x-ratelimit-remaining-requests"] for _, headers, _ in told[:3]] == [
        "2",
        "1",
        "0",
    ]
    assert 1 <= int(told[3][1]["retry-after"]) <= 61
    assert json.loads(told[3][2])["error"]["code"] == "rate_limit_exceeded"


def test_failed_logins_are_limited_for_each_home_and_good_keys_go_on() -> None:
    door = limited()
    guesses = ["2001:db8::1", "2001:db8::2", "2001:db8::3"]
    found = [door.ask([HOST, bearer(b"guess")], peer=peer)[0] for peer in guesses]
    assert found == [401, 401, 429]
    assert door.ask([HOST, bearer(b"guess")], peer="2001:db8:1::1")[0] == 401
    assert door.ask([HOST, bearer(SECRET)], peer="2001:db8::1")[0] == 200


def test_whoever_needs_no_key_is_not_limited() -> None:
    door = limited(requests=1)
    assert [door.ask([HOST])[0] for _ in range(5)] == [200] * 5


def test_addresses_without_a_key_share_nothing_but_their_own_limit() -> None:
    door = limited(requests=1)
    answers = [door.ask([HOST], "/health", peer)[0] for peer in ("203.0.113.5", "203.0.113.6") * 2]
    assert answers == [200, 200, 429, 429]


@pytest.mark.parametrize(
    ("address", "home"),
    [("203.0.113.5", "203.0.113.5"), ("2001:db8::7", "2001:db8::/64"), (None, "unknown")],
)
def test_a_home_is_an_address_or_the_network_of_one(address: str | None, home: str) -> None:
    assert home_of(peer_address(address)) == home


def test_logs_show_the_client_that_a_trusted_proxy_names_and_no_other() -> None:
    named = (b"cf-connecting-ip", b"2001:db8::9")
    behind = Door(policy=Policy(proxies=(ip_network("127.0.0.1"),)))
    assert behind.ask([HOST, named, bearer(SECRET)])[0] == 200
    assert behind.ask([HOST, named])[0] == 401
    without = Door()
    assert without.ask([HOST, named, bearer(SECRET)])[0] == 200
    assert behind.inside.clients + without.inside.clients == ["2001:db8::9", "127.0.0.1"]


def test_a_web_socket_is_refused_before_it_opens() -> None:
    door, told = Door(), []

    async def send(message: Message) -> None:
        told.append(message)

    async def unread() -> Message:
        raise AssertionError("it was opened")

    scope: Scope = {
        "type": "websocket",
        "path": "/v1/realtime",
        "headers": [HOST, (b"x-forwarded-for", b"127.0.0.1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    asyncio.run(Gate(door.inside, Access())(scope, unread, send))
    assert [message["type"] for message in told] == ["websocket.close"]
    told.clear()
    scope["extensions"] = {"websocket.http.response": {}}
    asyncio.run(Gate(door.inside, Access())(scope, unread, send))
    assert told[0]["status"] == 401
    assert door.inside.callers == []


@pytest.mark.parametrize(
    "path", ["/health/../v1/jobs", "//health", "/v1//models", "/v1/modelsx", "/healthy", "/\n", "*"]
)
def test_nothing_is_open_but_what_is_listed(path: str) -> None:
    status, _, _ = Door().ask([HOST], path, port=EDGE)
    assert status == 401


@pytest.mark.parametrize(
    "path", ["/", "/health", "/v1/models", "/v1/shares/token", "/assets/index.js", "/v1/whoami"]
)
def test_what_is_open_needs_no_key(path: str) -> None:
    assert Door().ask([HOST], path, port=EDGE)[0] == 200
