"""Who may be heard live, how much, and how clients that do not behave are let go."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import openai
import pytest
from openai.resources.realtime.realtime import RealtimeConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from quoth.api.realtime.sessions import LiveLimits
from quoth.domain.keys import Quotas, Scope
from tests.api.conftest import FakeRecognisers, Guarded, RunningServer, StartServer
from tests.api.test_realtime import append, metric, send, until, update, wait_for_sessions
from tests.live_words import LoudnessTranscriber, said, silence

RATE = 24_000


@contextmanager
def live_with(guarded: Guarded, secret: str) -> Iterator[RealtimeConnection]:
    url = f"{guarded.server.url}/v1"
    with (
        openai.OpenAI(api_key=secret, base_url=url, max_retries=0) as client,
        client.realtime.connect(extra_query={"intent": "transcription"}) as connection,
    ):
        assert connection.recv().type == "session.created"
        yield connection


def key(guarded: Guarded, *scopes: Scope, **quotas: Any) -> tuple[str, str]:
    made = guarded.keys.create("somebody", frozenset(scopes), quotas=Quotas(**quotas))
    time.sleep(0.3)  # it is known within a second
    return made.secret, made.key.id


@pytest.mark.parametrize(("scope", "status"), [(None, 401), (Scope.READ, 403)])
def test_without_the_scope_nobody_is_heard(
    guarded: Guarded, scope: Scope | None, status: int
) -> None:
    secret = "quoth_not-a-key" if scope is None else key(guarded, scope)[0]
    with pytest.raises(InvalidStatus) as refused, live_with(guarded, secret):
        pass
    assert refused.value.response.status_code == status


def test_a_key_is_heard_as_long_as_its_quota_and_no_longer(guarded: Guarded) -> None:
    secret, _ = key(guarded, Scope.TRANSCRIBE, audio_seconds_per_day=20.0)
    with live_with(guarded, secret) as connection:
        append(connection, np.concatenate([silence(17, RATE), said([1, 2], RATE)]))
        append(connection, silence(3, RATE))
        event: Any = connection.recv()
        while event.type != "error":
            event = connection.recv()
        assert event.error.code == "rate_limit_exceeded"
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                connection.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


def test_what_was_heard_live_is_counted_once_when_it_becomes_a_job(guarded: Guarded) -> None:
    secret, _ = key(guarded, Scope.TRANSCRIBE, Scope.READ, audio_seconds_per_day=10.0)
    with live_with(guarded, secret) as connection:
        update(connection, {"quoth": {"keep": True}})
        append(connection, said(range(8), RATE))
        send(connection, type="quoth.session.finish")
        job_id = until(connection, "quoth.job.created")[-1].job_id
    with guarded.with_key(secret) as owner:
        assert owner.get(f"/v1/jobs/{job_id}").status_code == 200
    other, _ = key(guarded, Scope.READ)
    with guarded.with_key(other) as stranger:
        assert stranger.get(f"/v1/jobs/{job_id}").status_code == 404


def test_a_session_ends_with_its_key(guarded: Guarded) -> None:
    secret, key_id = key(guarded, Scope.TRANSCRIBE)
    with live_with(guarded, secret) as connection:
        guarded.keys.revoke(key_id)
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
    reader, _ = key(guarded, Scope.READ)
    with guarded.with_key(reader) as client:
        deadline = time.monotonic() + 10
        while "quoth_live_sessions 0.0" not in client.get("/metrics").text:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_one_key_cannot_take_every_place(guarded: Guarded) -> None:
    greedy, _ = key(guarded, Scope.TRANSCRIBE)
    other, _ = key(guarded, Scope.TRANSCRIBE)
    with live_with(guarded, greedy), live_with(guarded, greedy):
        with pytest.raises(InvalidStatus) as refused, live_with(guarded, greedy):
            pass
        response = refused.value.response
        assert response.status_code == 429
        assert "MAX_LIVE_SESSIONS_PER_KEY" in json.loads(response.body or b"")["error"]["message"]
        with live_with(guarded, other):
            pass


@pytest.mark.parametrize(
    ("limits", "most"),
    [(LiveLimits(1), 1), (LiveLimits(4), 2), (LiveLimits(5), 2), (LiveLimits(4, max_own=3), 3)],
)
def test_a_key_may_have_half_of_the_places_unless_it_is_said(limits: LiveLimits, most: int) -> None:
    assert limits.most_own == most


def test_who_needs_no_key_shares_every_place(start_server: StartServer) -> None:
    server = start_server(FakeRecognisers(LoudnessTranscriber()), live=LiveLimits(max_sessions=3))
    url = server.url.replace("http", "ws") + "/v1/realtime"
    with connect(url), connect(url), connect(url), pytest.raises(InvalidStatus) as refused:
        connect(url)
    assert refused.value.response.status_code == 503


def test_a_page_opens_a_session_with_a_ticket(guarded: Guarded) -> None:
    secret, _ = key(guarded, Scope.TRANSCRIBE)
    with guarded.with_key(secret) as client:
        ticket = client.post("/v1/tickets", json={"path": "/v1/realtime"}).json()["ticket"]
    url = guarded.server.url.replace("http", "ws")
    with connect(f"{url}/v1/realtime?intent=transcription&ticket={ticket}") as page:
        assert json.loads(page.recv())["type"] == "session.created"


def test_a_client_that_does_not_read_is_let_go(start_server: StartServer) -> None:
    limits = LiveLimits(slow_seconds=0.5)
    server = start_server(FakeRecognisers(LoudnessTranscriber()), live=limits)
    with deaf(server) as deaf_socket:
        bad = json.dumps({"type": "nothing", "event_id": "x" * 512}).encode()
        frame = b"\x81\xfe" + len(bad).to_bytes(2, "big") + bytes(4) + bad

        def flood() -> None:
            with contextlib.suppress(OSError):
                while True:
                    deaf_socket.sendall(frame)

        flooding = threading.Thread(target=flood)
        flooding.start()
        name = 'quoth_live_sessions_ended_total{why="slow"}'
        deadline = time.monotonic() + 30
        while metric(server, name) != 1:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        deaf_socket.shutdown(socket.SHUT_RDWR)
        flooding.join(10)
    wait_for_sessions(server, 0)


@contextmanager
def deaf(server: RunningServer) -> Iterator[socket.socket]:
    """Connect, and take nothing of what is told."""
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.settimeout(20)
        made.connect(("127.0.0.1", server.port))
        made.sendall(
            b"GET /v1/realtime?intent=transcription HTTP/1.1\r\nHost: localhost\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert made.recv(12) == b"HTTP/1.1 101"
        yield made


def test_a_client_that_vanishes_in_a_look_leaves_nothing(start_server: StartServer) -> None:
    transcriber = LoudnessTranscriber()
    server = start_server(FakeRecognisers(transcriber), live=LiveLimits(max_sessions=1))
    transcriber.may_go_on.clear()
    with server.client().realtime.connect(extra_query={"intent": "transcription"}) as connection:
        append(connection, said([1, 2, 3], RATE))
        assert transcriber.is_asked.wait(10)
    transcriber.may_go_on.set()
    wait_for_sessions(server, 0)
    assert server.left_on_disk() == []
