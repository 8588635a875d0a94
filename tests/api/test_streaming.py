"""Streamed transcriptions, driven by OpenAI's own client and by raw HTTP."""

import json
import time
from collections.abc import Iterator
from math import log
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from openai.types.audio import (
    TranscriptionStreamEvent,
    TranscriptionTextDeltaEvent,
    TranscriptionTextDoneEvent,
    TranscriptionTextSegmentEvent,
)
from pydantic import TypeAdapter

from quoth.adapters.memory.engines import FakeDiarizer, FakeTranscriber, Fault, known_words
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.audio import SAMPLE_RATE, Interval
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer

FILE = ("talk.wav", b"sound")
LONG = ArrayWaveform(np.full(200 * SAMPLE_RATE, 0.1, dtype=np.float32))
TEXT = " ".join(word.text for word in known_words(Interval(0, 200)))
CONTRACT: TypeAdapter[Any] = TypeAdapter(TranscriptionStreamEvent)


@pytest.fixture
def long(start_server: StartServer) -> RunningServer:
    return start_server(FakeRecognisers(sound=LONG))


def stream(server: RunningServer, **fields: Any) -> Iterator[TranscriptionStreamEvent]:
    with server.client() as client:
        yield from client.audio.transcriptions.create(
            file=FILE, model="gpt-4o-transcribe", stream=True, **fields
        )


def raw(server: RunningServer, **fields: str) -> str:
    response = httpx.post(
        f"{server.url}/v1/audio/transcriptions",
        data={"stream": "true"} | fields,
        files={"file": FILE},
        timeout=30,
    )
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    return response.text


def events_of(body: str) -> list[dict[str, Any]]:
    *blocks, end = body.split("\n\n")
    assert end == ""
    lines = [block for block in blocks if not block.startswith(":")]
    assert all(line.startswith("data: ") and "\n" not in line for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def test_the_deltas_put_together_are_the_text_of_the_last_event(long: RunningServer) -> None:
    *deltas, done = stream(long)
    assert all(isinstance(event, TranscriptionTextDeltaEvent) for event in deltas)
    assert isinstance(done, TranscriptionTextDoneEvent)
    assert "".join(event.delta for event in deltas if event.type == "transcript.text.delta") == TEXT
    assert done.text == TEXT
    assert [language.code for language in done.languages or ()] == ["en"]
    assert len(deltas) > 5
    assert long.left_on_disk() == []


def test_the_first_words_come_while_the_rest_is_being_recognised(start_server: StartServer) -> None:
    slow = FakeTranscriber(seconds_per_window=0.3)
    server = start_server(FakeRecognisers(slow, sound=LONG))
    started = time.monotonic()
    came = [time.monotonic() - started for _ in stream(server)]
    assert sum(slow.batches) == 8
    assert slow.batches[:3] == [1, 1, 2]
    assert came[0] < came[-1] / 2


def test_segments_follow_the_words_when_the_speakers_are_known(long: RunningServer) -> None:
    events = list(stream(long, response_format="diarized_json", chunking_strategy="auto"))
    kinds = list(dict.fromkeys(event.type for event in events))
    assert kinds == ["transcript.text.delta", "transcript.text.segment", "transcript.text.done"]
    segments = [event for event in events if isinstance(event, TranscriptionTextSegmentEvent)]
    assert {segment.speaker for segment in segments} == {"A", "B"}
    assert " ".join(segment.text for segment in segments) == TEXT


def test_events_are_those_of_the_contract_and_no_others(long: RunningServer) -> None:
    body = raw(long, response_format="diarized_json")
    for event in events_of(body):
        CONTRACT.validate_python(event, strict=True)
    assert "event:" not in body


def test_each_delta_tells_how_sure_the_engine_was(long: RunningServer) -> None:
    *deltas, done = stream(long, include=["logprobs"])
    assert isinstance(done, TranscriptionTextDoneEvent)
    pieces = [
        one
        for delta in deltas
        if delta.type == "transcript.text.delta"
        for one in delta.logprobs or ()
    ]
    assert [piece.token for piece in pieces] == [piece.token for piece in done.logprobs or ()]
    assert "".join(piece.token or "" for piece in pieces) == TEXT
    assert b"".join(bytes(piece.bytes or ()) for piece in pieces) == TEXT.encode()
    assert {piece.logprob for piece in pieces} == {round(log(0.9), 6)}


def test_silence_is_a_stream_of_one_event(start_server: StartServer) -> None:
    silence = ArrayWaveform(np.zeros(5 * SAMPLE_RATE, dtype=np.float32))
    (done,) = stream(start_server(FakeRecognisers(sound=silence)))
    assert done == TranscriptionTextDoneEvent(text="", type="transcript.text.done", languages=[])


def test_an_error_before_the_first_word_keeps_its_status(start_server: StartServer) -> None:
    server = start_server(FakeRecognisers(FakeTranscriber(fault=Fault.EXHAUST)))
    with pytest.raises(openai.InternalServerError) as failure:
        list(stream(server))
    assert failure.value.status_code == 503
    assert failure.value.code == "out_of_memory"


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.FAIL, "engine_error"), (Fault.EXHAUST, "out_of_memory")]
)
def test_an_error_after_the_first_words_is_the_last_event(
    start_server: StartServer, fault: Fault, code: str
) -> None:
    engine = FakeTranscriber(seconds_per_window=0.2)
    server = start_server(FakeRecognisers(engine, sound=LONG))
    events = stream(server)
    assert next(events).type == "transcript.text.delta"
    engine.fault = fault
    with pytest.raises(openai.APIError) as failure:
        list(events)
    assert failure.value.code == code
    assert server.left_on_disk() == []


def test_a_bug_in_the_middle_tells_nothing_of_the_inside(start_server: StartServer) -> None:
    diarizer = FakeDiarizer(fault=Fault.RAISE)
    server = start_server(FakeRecognisers(diarizing=diarizer))
    *_, last = events_of(raw(server, response_format="diarized_json"))
    assert set(last["error"]) == {"message", "type", "param", "code"}
    assert "injected" not in json.dumps(last)


def test_comments_keep_a_silent_stream_alive(start_server: StartServer) -> None:
    slow = FakeRecognisers(FakeTranscriber(seconds_per_window=1.0))
    body = raw(start_server(slow, keepalive_seconds=0.2))
    assert body.count(": keepalive\n\n") >= 3
    assert events_of(body)[-1]["type"] == "transcript.text.done"


def test_a_client_who_leaves_in_the_middle_ends_the_work(start_server: StartServer) -> None:
    slow = FakeTranscriber(seconds_per_window=0.5)
    server = start_server(FakeRecognisers(slow, sound=LONG), max_concurrent=1)
    with server.client() as client:
        events = client.audio.transcriptions.create(
            file=FILE, model="gpt-4o-transcribe", stream=True
        )
        next(iter(events))
        events.close()
    time.sleep(1.5)
    assert sum(slow.batches) < 8
    assert server.left_on_disk() == []
    slow.seconds_per_window = 0.0
    assert list(stream(server))[-1].type == "transcript.text.done"
