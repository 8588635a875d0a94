"""What lasts ends when its key does, however the application and the client behave."""

import asyncio
from collections.abc import Callable, MutableSequence

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quoth.adapters.memory.keys import MemoryKeyRing
from quoth.adapters.memory.tickets import MemoryTicketStore
from quoth.api import lasting
from quoth.api.gate import Gate
from quoth.auth.access import Access
from quoth.auth.origins import Policy
from quoth.auth.tickets import Tickets
from quoth.domain.keys import ApiKey, digest_of_key

NOW = 1_800_000_000.0
KEY = ApiKey("k1", "phone", digest_of_key(b"quoth_secret"))
EVENTS = [(b"content-type", b"text/event-stream; charset=utf-8")]
LONG = 30.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(lasting, "PATIENCE_SECONDS", 0.2)


def run(app: ASGIApp, kind: str, *, is_read: bool = True) -> list[Message]:
    """Run an application until its key is revoked and return what it sent."""
    sent: list[Message] = []
    ring = MemoryKeyRing([KEY])
    given = Tickets(MemoryTicketStore(), ring, lambda: NOW)
    path = "/v1/realtime" if kind == "websocket" else "/v1/jobs/events"
    scope: Scope = {
        "type": kind,
        "path": path,
        "query_string": f"ticket={given.give(KEY, path).secret}".encode(),
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("203.0.113.5", 1),
        "server": ("127.0.0.1", 8000),
    }

    async def main() -> None:
        async def send(message: Message) -> None:
            sent.append(message)
            if not is_read and message.get("more_body"):
                await asyncio.sleep(LONG)

        async def receive() -> Message:
            if not sent and kind == "websocket":
                return {"type": "websocket.connect"}
            await asyncio.sleep(LONG)
            raise AssertionError("it was not ended")

        gate = Gate(app, Access(ring, lambda: NOW, Policy()), tickets=given)
        asyncio.get_running_loop().call_later(0.1, ring.change, lambda _: [])
        await asyncio.wait_for(gate(scope, receive, send), 5)

    asyncio.run(main())
    return sent


def streaming(left: MutableSequence[str]) -> ASGIApp:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": EVENTS})
        await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
        left.append((await receive())["type"])
        await send({"type": "http.response.body", "body": b"too late", "more_body": True})

    return app


def test_events_end_as_they_should_and_what_tells_them_sees_its_client_leave() -> None:
    left: list[str] = []
    sent = run(streaming(left), "http")
    assert left == ["http.disconnect"]
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert [each.get("body") for each in sent] == [None, b": hello\n\n", b""]


def test_a_web_socket_is_closed_with_the_reason() -> None:
    left: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        left.append(await receive())
        left.append(await receive())

    sent = run(app, "websocket")
    assert [each["type"] for each in sent] == ["websocket.accept", "websocket.close"]
    assert sent[-1]["code"] == 1008
    assert [each["type"] for each in left] == ["websocket.disconnect"] * 2


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_an_application_that_does_not_listen_is_cut_off(kind: str) -> None:
    was_cut: list[bool] = []
    start: Callable[[], Message] = (
        (lambda: {"type": "websocket.accept"})
        if kind == "websocket"
        else (lambda: {"type": "http.response.start", "status": 200, "headers": EVENTS})
    )

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            was_cut.append(True)
            raise

    run(app, kind)
    assert was_cut == [True]


def test_a_client_that_reads_nothing_is_cut_off() -> None:
    sent = run(streaming([]), "http", is_read=False)
    assert [each.get("body") for each in sent] == [None, b": hello\n\n"]
