"""What browsers show in place of keys, on a real server: events, sound, and their end."""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from quoth.api.lasting import POLICY_VIOLATION
from quoth.auth import tickets
from quoth.domain.keys import Scope
from quoth.domain.tickets import digest_of_ticket
from tests.api.conftest import AUDIO, Guarded, job_of

EVENTS = "/v1/jobs/events"
ENDED_WITHIN = 5.0


@pytest.fixture
def browser(guarded: Guarded) -> Iterator[httpx.Client]:
    """A client that sends no key, but keeps cookies."""
    with httpx.Client(base_url=guarded.server.url, timeout=30) as client:
        yield client


def ticket_of(client: httpx.Client, path: str = EVENTS) -> str:
    made = client.post("/v1/tickets", json={"path": path})
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    assert 0 < made.json()["expires_at"] - time.time() <= tickets.TICKET_SECONDS
    return str(made.json()["ticket"])


def status_of(client: httpx.Client, path: str, **headers: str) -> int:
    with client.stream("GET", path, headers=headers) as response:
        return response.status_code


def test_a_ticket_opens_the_events_it_is_for_once(ana: httpx.Client, browser: httpx.Client) -> None:
    ticket = ticket_of(ana)
    with browser.stream("GET", f"{EVENTS}?ticket={ticket}") as response:
        assert response.status_code == 200
        job = job_of(ana)
        told = next(line for line in response.iter_lines() if line.startswith("data: "))
        assert json.loads(told.removeprefix("data: "))["id"] == job
    assert status_of(browser, f"{EVENTS}?ticket={ticket}") == 401
    assert status_of(browser, EVENTS) == 401
    assert status_of(browser, f"/v1/jobs?ticket={ticket_of(ana)}") == 401
    assert status_of(browser, f"/v1/jobs/{job}/events?ticket={ticket_of(ana)}") == 401
    own = f"/v1/jobs/{job}/events"
    assert status_of(browser, f"{own}?ticket={ticket_of(ana, own)}") == 200


def test_a_ticket_sees_what_its_key_sees_and_no_more(
    guarded: Guarded, ana: httpx.Client, ben: httpx.Client, browser: httpx.Client
) -> None:
    path = f"/v1/jobs/{job_of(ana)}/events"
    assert status_of(browser, f"{path}?ticket={ticket_of(ben, path)}") == 404
    with guarded.caller(Scope.TRANSCRIBE) as sender:
        refused = sender.post("/v1/tickets", json={"path": path})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "scope_missing")
        ticket_of(sender, "/v1/realtime")


@pytest.mark.parametrize(
    "path", ["/v1/jobs", "/v1/keys", "", "/v1/jobs/1/audio", "/v1/jobs/events/", "x" * 300]
)
def test_tickets_are_for_events_and_web_sockets_alone(ana: httpx.Client, path: str) -> None:
    assert ana.post("/v1/tickets", json={"path": path}).status_code == 400


def test_a_ticket_needs_a_key_of_its_own(browser: httpx.Client, ana: httpx.Client) -> None:
    assert browser.post("/v1/tickets", json={"path": EVENTS}).status_code == 401
    assert browser.post("/v1/session").status_code == 401
    made = ana.post("/v1/session").json()
    browser.cookies.update(ana.cookies)
    again = browser.post(f"/v1/session?session={made['id']}")
    assert again.status_code == 401


def test_a_ticket_ends_with_its_key(guarded: Guarded, browser: httpx.Client) -> None:
    revoked, rotated = guarded.keys.create("a"), guarded.keys.create("b")
    time.sleep(0.3)
    made = []
    for new in (revoked, rotated):
        with guarded.with_key(new.secret) as client:
            made.append(ticket_of(client))
    guarded.keys.revoke(revoked.key.id)
    guarded.keys.rotate(rotated.key.id)
    time.sleep(0.6)
    for ticket in made:
        assert status_of(browser, f"{EVENTS}?ticket={ticket}") == 401


def test_a_web_socket_is_opened_by_a_ticket_once_and_closed_with_its_key(guarded: Guarded) -> None:
    new = guarded.keys.create("phone")
    time.sleep(0.3)
    with guarded.with_key(new.secret) as client:
        ticket = ticket_of(client, "/v1/realtime")
    there = f"{guarded.server.url.replace('http', 'ws')}/v1/realtime?intent=transcription"
    with pytest.raises(InvalidStatus) as refused, connect(there):
        pass
    assert refused.value.response.status_code == 401
    with connect(f"{there}&ticket={ticket}") as web_socket:
        assert json.loads(web_socket.recv())["type"] == "session.created"
        with pytest.raises(InvalidStatus), connect(f"{there}&ticket={ticket}"):
            pass
        guarded.keys.revoke(new.key.id)
        began = time.monotonic()
        with pytest.raises(ConnectionClosed) as ended:
            while True:
                web_socket.recv(ENDED_WITHIN)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == POLICY_VIOLATION
        assert time.monotonic() - began < ENDED_WITHIN


@pytest.mark.parametrize("by", ["key", "ticket"])
def test_open_events_end_when_their_key_is_revoked(
    guarded: Guarded, browser: httpx.Client, by: str
) -> None:
    new = guarded.keys.create("phone")
    time.sleep(0.3)
    with guarded.with_key(new.secret) as client:
        path = EVENTS if by == "key" else f"{EVENTS}?ticket={ticket_of(client)}"
        asks = client if by == "key" else browser
        with asks.stream("GET", path) as response:
            assert response.status_code == 200
            revoking = threading.Timer(0.5, guarded.keys.revoke, [new.key.id])
            revoking.start()
            began = time.monotonic()
            for _ in response.iter_raw():  # which ends as it should, not by a broken connection
                assert time.monotonic() - began < ENDED_WITHIN + 15
            revoking.join()
        assert 0.4 < time.monotonic() - began < ENDED_WITHIN


def test_open_events_end_when_their_key_expires(guarded: Guarded) -> None:
    new = guarded.keys.create("short", expires_in=2.5)
    time.sleep(0.3)
    with (
        guarded.with_key(new.secret) as client,
        client.stream("GET", EVENTS) as response,
    ):
        began = time.monotonic()
        assert response.status_code == 200
        for _ in response.iter_raw():
            pass
    assert time.monotonic() - began < ENDED_WITHIN


def test_a_session_plays_and_saves_by_a_cookie_that_scripts_cannot_read(
    ana: httpx.Client, browser: httpx.Client
) -> None:
    made = ana.post("/v1/session", headers={"origin": str(ana.base_url).rstrip("/")})
    assert made.status_code == 201, made.text
    cookie = made.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict"} <= {each.strip() for each in cookie.split(";")}
    assert "Path" not in cookie  # so it is that of its address: /v1
    assert "Secure" not in cookie
    session, secret = made.json()["id"], re.fullmatch(r"quoth_media_\w+=([^;]+);.*", cookie)
    assert secret is not None
    assert secret[1] not in made.text
    job = job_of(ana)
    cookies = {"cookie": cookie.partition(";")[0]}
    audio = browser.get(
        f"/v1/jobs/{job}/audio?session={session}", headers=cookies | {"range": "bytes=5-9"}
    )
    assert (audio.status_code, audio.content) == (206, AUDIO[5:10])
    assert status_of(browser, f"/v1/jobs/{job}/transcript?session={session}", **cookies) != 401
    for path in ("", "/peaks", "/edits", "/events"):
        assert status_of(browser, f"/v1/jobs/{job}{path}?session={session}", **cookies) == 401
    for method in ("POST", "DELETE", "PUT", "PATCH"):
        asked = browser.request(method, f"/v1/jobs/{job}/audio?session={session}", headers=cookies)
        assert asked.status_code == 401
    assert status_of(browser, f"/v1/jobs/{job}/audio", **cookies) == 401
    assert status_of(browser, f"/v1/jobs/{job}/audio?session=other", **cookies) == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        (
            {
                "sec-fetch-site": "cross-site",
                "sec-fetch-mode": "navigate",
                "sec-fetch-dest": "document",
            },
            401,
        ),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://page.example"}, 401),  # which may ask, but with a key of its own
    ],
)
def test_other_sites_get_nothing_by_a_session(
    ana: httpx.Client, browser: httpx.Client, headers: dict[str, str], status: int
) -> None:
    made = ana.post("/v1/session")
    cookies = {"cookie": made.headers["set-cookie"].partition(";")[0]}
    path = f"/v1/jobs/{job_of(ana)}/audio?session={made.json()['id']}"
    assert browser.get(path, headers=cookies | headers).status_code == status


def test_a_session_ends_when_it_is_ended_and_with_its_key(
    guarded: Guarded, browser: httpx.Client
) -> None:
    new = guarded.keys.create("phone")
    time.sleep(0.3)
    with guarded.with_key(new.secret) as client:
        job = job_of(client)
        made = [client.post("/v1/session") for _ in range(2)]
        [first, second] = [
            (
                f"/v1/jobs/{job}/audio?session={each.json()['id']}",
                each.headers["set-cookie"].partition(";")[0],
            )
            for each in made
        ]
        ended = client.delete("/v1/session", params={"session": made[0].json()["id"]})
        assert ended.status_code == 204
        assert "Max-Age=0" in ended.headers["set-cookie"]
    assert status_of(browser, first[0], cookie=first[1]) == 401
    assert status_of(browser, second[0], cookie=second[1]) == 200
    guarded.keys.revoke(new.key.id)
    time.sleep(0.6)
    assert status_of(browser, second[0], cookie=second[1]) == 401


def test_behind_https_the_cookie_is_for_https_alone(guarded: Guarded) -> None:
    secret = guarded.keys.create("phone").secret
    time.sleep(0.3)
    headers = {"host": "page.example", "origin": "https://page.example"}
    with guarded.with_key(secret) as client:
        assert "Secure" in client.post("/v1/session", headers=headers).headers["set-cookie"]


@pytest.fixture
def told_by_uvicorn() -> Iterator[list[str]]:
    """What uvicorn writes into its logs."""
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logs = [logging.getLogger(name) for name in ("uvicorn.access", "uvicorn.error")]
    levels = [log.level for log in logs]
    for log in logs:
        log.addHandler(handler)
        log.setLevel(logging.INFO)
    yield told
    for log, level in zip(logs, levels, strict=True):
        log.removeHandler(handler)
        log.setLevel(level)


def test_a_ticket_is_written_down_nowhere(
    guarded: Guarded, ana: httpx.Client, browser: httpx.Client, told_by_uvicorn: list[str]
) -> None:
    ticket = ticket_of(ana)
    assert status_of(browser, f"{EVENTS}?a=1&ticket={ticket}x&b=2") == 401
    web_socket = '%s - "WebSocket %s" [accepted]', "1.2.3.4", f"/v1/realtime?ticket={ticket}"
    logging.getLogger("uvicorn.error").info(*web_socket)
    told = "\n".join(told_by_uvicorn)
    assert "/v1/jobs/events?a=1&ticket=[ticket]&b=2" in told
    assert "/v1/realtime?ticket=[ticket]" in told
    assert ticket not in told
    written = [path.read_bytes() for path in guarded.server.data.rglob("*") if path.is_file()]
    assert not [each for each in written if ticket.encode() in each]
    assert any(digest_of_ticket(ticket).encode() in each for each in written)


def test_the_document_of_the_api_says_what_needs_a_key(
    ana: httpx.Client, browser: httpx.Client
) -> None:
    told = ana.get("/openapi.json").json()
    assert told["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    ways = {"/v1/jobs": ["key"], EVENTS: ["key", "ticket"], "/v1/models": []}
    ways["/v1/jobs/{job_id}/audio"] = ["key", "session"]
    for path, wanted in ways.items():
        operation = told["paths"][path]["get"]
        assert [way for each in operation["security"] for way in each] == wanted
        assert ("401" in operation["responses"]) == bool(wanted)
    assert told["paths"]["/v1/keys"]["post"]["security"] == [{"key": ["admin"]}]
    for path, item in told["paths"].items():
        for method, operation in item.items():
            if "{" in path or method == "head" or EVENTS in path:
                continue
            status = browser.request(method, path).status_code
            assert (status == 401) == bool(operation["security"]), (method, path)
