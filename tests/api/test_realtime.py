"""`/v1/realtime`, driven by OpenAI's client."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import pytest
from openai.resources.realtime.realtime import RealtimeConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from quoth.adapters.memory.engines import FakeSpeechMeter
from quoth.api.realtime.sessions import LiveLimits
from quoth.domain.audio import Samples
from quoth.domain.errors import EngineFailed
from quoth.domain.live_errors import LiveUnavailable
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer
from tests.live_words import LoudnessTranscriber, pcm, said, silence

RATE = 24_000
DELTA = "conversation.item.input_audio_transcription.delta"
COMPLETED = "conversation.item.input_audio_transcription.completed"
FAILED = "conversation.item.input_audio_transcription.failed"
FORMAT_16K = {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}}


@pytest.fixture
def recognisers() -> FakeRecognisers:
    return FakeRecognisers(LoudnessTranscriber())


@pytest.fixture
def server(start_server: StartServer, recognisers: FakeRecognisers) -> RunningServer:
    return start_server(recognisers)


@contextmanager
def live(
    server: RunningServer, session: dict[str, Any] | None = None
) -> Iterator[RealtimeConnection]:
    """Connect as a user of the client does; with a session it is sent and awaited."""
    with server.client().realtime.connect(extra_query={"intent": "transcription"}) as connection:
        assert connection.recv().type == "session.created"
        if session is not None:
            update(connection, session)
        yield connection


def update(connection: RealtimeConnection, session: dict[str, Any]) -> Any:
    send(connection, type="session.update", session={"type": "transcription", **session})
    return until(connection, "session.updated")[-1].session


def send(connection: RealtimeConnection, **event: Any) -> None:
    connection.send(event)  # type: ignore[arg-type]


def append(connection: RealtimeConnection, samples: Samples, rate: int = RATE) -> None:
    """Send sound as a microphone does, a fifth of a second at a time."""
    for first in range(0, len(samples), rate // 5):
        audio = base64.b64encode(pcm(samples[first : first + rate // 5])).decode()
        connection.input_audio_buffer.append(audio=audio)


def until(connection: RealtimeConnection, kind: str) -> list[Any]:
    """Return the events up to one of a kind."""
    told: list[Any] = []
    while not told or told[-1].type != kind:
        told.append(connection.recv())
        assert told[-1].type in {kind, *EXPECTED}, told[-1]
    return told


EXPECTED = {
    "session.updated",
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.created",
    "conversation.item.done",
    "quoth.input_audio_transcription.interim",
    DELTA,
    COMPLETED,
}


def of(told: list[Any], kind: str) -> list[Any]:
    return [event for event in told if event.type == kind]


def test_speech_becomes_text_with_the_events_that_openai_names(server: RunningServer) -> None:
    with live(server) as connection:
        append(
            connection, np.concatenate([silence(1, RATE), said(range(3), RATE), silence(1, RATE)])
        )
        told = until(connection, "conversation.item.done")
    kinds = [event.type for event in told if event.type != DELTA]
    assert kinds == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.created",
        COMPLETED,
        "conversation.item.done",
    ]
    started, stopped = told[0], of(told, "input_audio_buffer.speech_stopped")[0]
    assert started.audio_start_ms == pytest.approx(700, abs=40)  # with its padding
    assert stopped.audio_end_ms == pytest.approx(3000, abs=40)  # with the silence
    completed = of(told, COMPLETED)[0]
    assert completed.transcript == "word0 word1 word2"
    assert "".join(event.delta for event in of(told, DELTA)) == completed.transcript
    assert completed.usage.seconds == pytest.approx(2.1, abs=0.1)
    assert {event.item_id for event in told if hasattr(event, "item_id")} == {started.item_id}
    assert of(told, "conversation.item.added")[0].item.content[0].type == "input_audio"


def test_words_come_while_somebody_still_speaks(server: RunningServer) -> None:
    with live(server) as connection:
        append(connection, said(range(6), RATE))
        told = until(connection, DELTA)
        assert not of(told, "input_audio_buffer.speech_stopped")
        append(connection, silence(1, RATE))
        told += until(connection, COMPLETED)
    assert "".join(event.delta for event in of(told, DELTA)) == told[-1].transcript


def test_a_client_that_detects_turns_itself_commits_them(server: RunningServer) -> None:
    session = {"audio": {"input": {"turn_detection": None}}}
    with live(server, session) as connection:
        append(connection, said([1, 2], RATE))
        connection.input_audio_buffer.commit()
        first = until(connection, COMPLETED)
        append(connection, said([3], RATE))
        connection.input_audio_buffer.commit()
        second = until(connection, COMPLETED)
    assert [first[-1].transcript, second[-1].transcript] == ["word1 word2", "word3"]
    committed = of(second, "input_audio_buffer.committed")[0]
    assert committed.previous_item_id == first[-1].item_id
    assert not of(first + second, "input_audio_buffer.speech_started")


def test_sound_at_16_khz_is_taken_as_it_is(server: RunningServer) -> None:
    with live(server, FORMAT_16K) as connection:
        append(connection, np.concatenate([said([4, 5]), silence(1)]), 16_000)
        assert until(connection, COMPLETED)[-1].transcript == "word4 word5"


def test_what_is_cleared_is_forgotten(server: RunningServer) -> None:
    session = {"audio": {"input": {"turn_detection": None}}}
    with live(server, session) as connection:
        append(connection, said([1], RATE))
        connection.input_audio_buffer.clear()
        until(connection, "input_audio_buffer.cleared")
        append(connection, said([2], RATE))
        connection.input_audio_buffer.commit()
        assert until(connection, COMPLETED)[-1].transcript == "word2"


def test_words_that_may_change_come_to_whoever_asks(server: RunningServer) -> None:
    with live(server, {"quoth": {"interim": True}}) as connection:
        append(connection, said(range(4), RATE))
        told = until(connection, "quoth.input_audio_transcription.interim")
        assert told[-1].text.startswith("word")


@pytest.mark.parametrize(
    ("event", "parameter"),
    [
        ({"type": "input_audio_buffer.append", "audio": "not base64!"}, "audio"),
        ({"type": "input_audio_buffer.append", "audio": "AAAA"}, "audio"),
        ({"type": "input_audio_buffer.append"}, "audio"),
        ({"type": "input_audio_buffer.commit"}, None),
        ({"type": "response.create"}, "type"),
        ({"type": "session.update", "session": 1}, "session"),
        ({"type": "session.update", "session": {"type": "realtime"}}, "session.type"),
        (
            {
                "type": "session.update",
                "session": {
                    "type": "transcription",
                    "audio": {"input": {"turn_detection": {"threshold": 7}}},
                },
            },
            "session.audio.input.turn_detection.threshold",
        ),
        (
            {
                "type": "session.update",
                "session": {
                    "type": "transcription",
                    "audio": {"input": {"transcription": {"language": "xx"}}},
                },
            },
            "language",
        ),
    ],
)
def test_a_bad_event_is_answered_and_the_session_goes_on(
    server: RunningServer, event: dict[str, Any], parameter: str | None
) -> None:
    with live(server) as connection:
        send(connection, event_id="mine", **event)
        error: Any = connection.recv()
        assert error.type == "error"
        assert error.error.type == "invalid_request_error"
        assert (error.error.event_id, error.error.param) == ("mine", parameter)
        append(connection, np.concatenate([said([1], RATE), silence(1, RATE)]))
        assert until(connection, COMPLETED)[-1].transcript == "word1"


@pytest.mark.parametrize("frame", ["no json", "[1]", b"\x00\x01", "{}", "[" * 100_000])
def test_a_frame_that_is_no_event_closes_nothing(server: RunningServer, frame: str | bytes) -> None:
    url = server.url.replace("http", "ws") + "/v1/realtime?intent=transcription"
    with connect(url) as socket:
        assert json.loads(socket.recv())["type"] == "session.created"
        socket.send(frame)
        assert json.loads(socket.recv())["error"]["code"] == "invalid_event"
        socket.send(json.dumps({"type": "quoth.session.finish"}))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000


def test_what_is_in_force_is_told(server: RunningServer) -> None:
    with live(server) as connection:
        asked = {
            "audio": {
                "input": {
                    "turn_detection": {"type": "server_vad", "silence_duration_ms": 900},
                    "noise_reduction": {"type": "near_field"},
                }
            }
        }
        session = update(connection, asked)
        assert session.audio.input.turn_detection.silence_duration_ms == 900
        assert session.audio.input.turn_detection.prefix_padding_ms == 300
        assert session.audio.input.noise_reduction is None
        assert update(connection, {}).audio.input.turn_detection.silence_duration_ms == 900


def test_one_session_too_many_is_told_so(
    start_server: StartServer, recognisers: FakeRecognisers
) -> None:
    server = start_server(recognisers, live=LiveLimits(max_sessions=1))
    with live(server):
        with pytest.raises(InvalidStatus) as refused, live(server):
            pass
        response = refused.value.response
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert json.loads(response.body or b"")["error"]["code"] == "too_many_live_sessions"
    wait_for_sessions(server, 0)
    with live(server):
        pass


@dataclass
class DeafRecognisers(FakeRecognisers):
    """Models elsewhere: nothing here hears anybody."""

    @property
    def speech_meter(self) -> FakeSpeechMeter:
        raise LiveUnavailable


def test_a_server_without_an_engine_says_so_before_the_socket_opens(
    start_server: StartServer,
) -> None:
    server = start_server(DeafRecognisers())
    with pytest.raises(InvalidStatus) as refused, live(server):
        pass
    response = refused.value.response
    assert response.status_code == 501
    assert "POST /v1/jobs" in json.loads(response.body or b"")["error"]["message"]
    assert httpx.get(f"{server.url}/v1/realtime").json() == json.loads(response.body or b"")


def test_a_page_can_ask_why_a_socket_did_not_open(
    start_server: StartServer, recognisers: FakeRecognisers
) -> None:
    server = start_server(recognisers, live=LiveLimits(max_sessions=1))
    url = f"{server.url}/v1/realtime"
    could_be = httpx.get(url, params={"intent": "transcription"})
    assert (could_be.status_code, could_be.headers["upgrade"]) == (426, "websocket")
    assert httpx.get(url, params={"intent": "conversation"}).status_code == 400
    assert httpx.get(url, params={"model": "nobody/has-it"}).status_code == 404
    with live(server):
        assert httpx.get(url).json()["error"]["code"] == "too_many_live_sessions"


def test_another_intent_is_refused(server: RunningServer) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        server.client().realtime.connect(extra_query={"intent": "conversation"}),
    ):
        pass
    assert refused.value.response.status_code == 400


def test_a_page_of_another_site_cannot_listen(server: RunningServer) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        server.client().realtime.connect(
            extra_query={"intent": "transcription"},
            extra_headers={"Origin": "https://elsewhere.example"},
        ),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_session_that_ends_becomes_a_job_if_that_was_asked_for(server: RunningServer) -> None:
    with live(server, {"quoth": {"keep": True, "name": "standup"}}) as connection:
        append(connection, said([1, 2], RATE))
        send(connection, type="quoth.session.finish")
        told = until(connection, "quoth.job.created")
        assert of(told, COMPLETED)[0].transcript == "word1 word2"
        job_id = told[-1].job_id
        with pytest.raises(ConnectionClosed):
            connection.recv()
    job = httpx.get(f"{server.url}/v1/jobs/{job_id}").raise_for_status().json()
    assert job["name"] == "standup"
    sound = httpx.get(f"{server.url}/v1/jobs/{job_id}/audio").content
    assert sound[:4] == b"RIFF"
    assert len(sound) == 44 + RATE * 2


def test_a_client_that_just_leaves_still_has_its_job(server: RunningServer) -> None:
    with live(server, {"quoth": {"keep": True}}) as connection:
        append(connection, said([1, 2], RATE))
    deadline = time.monotonic() + 10
    while not (jobs := httpx.get(f"{server.url}/v1/jobs").json()["data"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert jobs[0]["name"].startswith("Live ")
    deadline = time.monotonic() + 10
    while server.live_on_disk():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_who_thinks_better_of_it_has_nothing_kept(server: RunningServer) -> None:
    with live(server, {"quoth": {"keep": True}}) as connection:
        append(connection, said([1], RATE))
        until(connection, "input_audio_buffer.speech_started")
        assert server.live_on_disk()
        update(connection, {"quoth": {"keep": False}})
        assert not server.live_on_disk()
        append(connection, said([2], RATE))
        send(connection, type="quoth.session.finish")
        with pytest.raises(ConnectionClosed):
            while True:
                connection.recv()
    assert httpx.get(f"{server.url}/v1/jobs").json()["data"] == []


def test_a_session_that_is_not_kept_leaves_nothing(server: RunningServer) -> None:
    with live(server) as connection:
        append(connection, said([1, 2], RATE))
        until(connection, "input_audio_buffer.speech_started")
    wait_for_sessions(server, 0)
    assert server.left_on_disk() == []
    assert server.live_on_disk() == []
    assert httpx.get(f"{server.url}/v1/jobs").json()["data"] == []


def test_a_silent_client_is_let_go(start_server: StartServer, recognisers: FakeRecognisers) -> None:
    server = start_server(recognisers, live=LiveLimits(idle_seconds=0.3))
    with live(server) as connection:
        error: Any = connection.recv()
        assert (error.type, error.error.code) == ("error", "session_idle")
        with pytest.raises(ConnectionClosed):
            connection.recv()
    wait_for_sessions(server, 0)


def test_a_session_has_an_end(start_server: StartServer, recognisers: FakeRecognisers) -> None:
    server = start_server(recognisers, live=LiveLimits(max_seconds=2.0))
    with live(server) as connection:
        append(connection, said(range(5), RATE))
        told = until_error(connection)
        assert told[-1].error.code == "session_expired"
        assert until(connection, COMPLETED)[-1].transcript.startswith("word0")


def until_error(connection: RealtimeConnection) -> list[Any]:
    told: list[Any] = [connection.recv()]
    while told[-1].type != "error":
        told.append(connection.recv())
    return told


def test_an_engine_that_fails_is_told_for_the_utterance(
    server: RunningServer, recognisers: FakeRecognisers
) -> None:
    assert isinstance(recognisers.transcriber, LoudnessTranscriber)
    with live(server) as connection:
        recognisers.transcriber.error = EngineFailed("fake", "injected failure")
        append(connection, np.concatenate([said([1], RATE), silence(1, RATE)]))
        failed = until(connection, FAILED)[-1]
        assert "injected failure" in failed.error.message
        recognisers.transcriber.error = None
        append(connection, np.concatenate([said([2], RATE), silence(1, RATE)]))
        assert until(connection, COMPLETED)[-1].transcript == "word2"


def test_a_flood_is_read_no_faster_than_it_is_heard(
    server: RunningServer, recognisers: FakeRecognisers
) -> None:
    transcriber = recognisers.transcriber
    assert isinstance(transcriber, LoudnessTranscriber)
    transcriber.may_go_on.clear()
    with live(server, FORMAT_16K) as connection:
        second = base64.b64encode(pcm(said([1, 2]))).decode()
        for _ in range(50):
            connection.input_audio_buffer.append(audio=second)
        ten = base64.b64encode(pcm(np.tile(said([1, 2]), 20))).decode()
        connection._connection.socket.settimeout(1)
        with pytest.raises(ConnectionClosed):  # its socket took no more for a second
            for _ in range(200):
                connection.input_audio_buffer.append(audio=ten)
        taken = live_seconds(server)
        assert taken < 60 + 21
        transcriber.may_go_on.set()
    wait_for_sessions(server, 0)
    assert transcriber.most_at_once == 1


def live_seconds(server: RunningServer) -> float:
    return metric(server, "quoth_live_audio_seconds_total")


def wait_for_sessions(server: RunningServer, count: int) -> None:
    deadline = time.monotonic() + 10
    while metric(server, "quoth_live_sessions") != count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def metric(server: RunningServer, name: str) -> float:
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])
