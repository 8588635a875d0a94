"""Known speakers, driven by OpenAI's own client."""

import base64
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from openai.types.audio import TranscriptionDiarized

from quoth.adapters.memory.engines import FakeDiarizer, Fault
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.audio import SAMPLE_RATE
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer

FILE = ("talk.wav", b"sound")


def sound(level: float, seconds: float = 5.0) -> ArrayWaveform:
    return ArrayWaveform(np.full(int(seconds * SAMPLE_RATE), level, dtype=np.float32))


FIRST, SECOND, STRANGER = b"the first voice", b"the second voice", b"a stranger"
SOUNDS = {
    FIRST: sound(0.1),
    SECOND: sound(0.2),
    STRANGER: sound(0.9),
    b"short": sound(0.1, 1.0),
    b"long": sound(0.1, 11.0),
    b"noise": None,
}


def url(content: bytes) -> str:
    return f"data:audio/wav;base64,{base64.b64encode(content).decode()}"


@pytest.fixture
def server(start_server: StartServer) -> RunningServer:
    return start_server(FakeRecognisers(sounds=SOUNDS))


def diarized(server: RunningServer, **known: bytes) -> TranscriptionDiarized:
    answer = server.client().audio.transcriptions.create(
        file=FILE,
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        chunking_strategy="auto",
        known_speaker_names=list(known),
        known_speaker_references=[url(content) for content in known.values()],
    )
    assert isinstance(answer, TranscriptionDiarized)
    return answer


def test_known_voices_are_called_by_name(server: RunningServer) -> None:
    answer = diarized(server, customer=SECOND, agent=FIRST)
    assert [segment.speaker for segment in answer.segments] == ["agent", "customer"] * 2
    assert server.left_on_disk() == []


def test_whoever_is_not_known_keeps_a_letter(server: RunningServer) -> None:
    answer = diarized(server, agent=SECOND, nobody=STRANGER)
    assert [segment.speaker for segment in answer.segments] == ["A", "agent"] * 2
    assert answer.model_extra is not None
    assert answer.model_extra["warnings"] == ["'nobody' was not recognised among the speakers."]


def test_streamed_segments_carry_the_names(server: RunningServer) -> None:
    with server.client() as client:
        events = list(
            client.audio.transcriptions.create(
                file=FILE,
                model="gpt-4o-transcribe-diarize",
                response_format="diarized_json",
                known_speaker_names=["agent"],
                known_speaker_references=[url(FIRST)],
                stream=True,
            )
        )
    segments = [event for event in events if event.type == "transcript.text.segment"]
    assert [segment.speaker for segment in segments] == ["agent", "B"] * 2


def test_names_are_shown_in_text(server: RunningServer) -> None:
    response = httpx.post(
        f"{server.url}/v1/audio/transcriptions",
        data={
            "response_format": "text",
            "known_speaker_names": "Ana, of the bakery",
            "known_speaker_references": url(FIRST),
        },
        files={"file": FILE},
    )
    assert "Ana, of the bakery: " in response.text
    assert "Speaker B: " in response.text


@pytest.mark.parametrize(
    ("names", "references", "told"),
    [
        (["a"], [], "have to be as many"),
        ([], [url(FIRST)], "have to be as many"),
        (["a", "a"], [url(FIRST), url(SECOND)], "the same name twice"),
        (list("abcde"), [url(FIRST)] * 5, "at most 4 items"),
        (["a"], ["https://example.org/a.wav"], "'a' is no data URL"),
        (["a"], ["data:audio/wav;base64,$$$"], "not in base64"),
        (["a"], ["data:audio/wav;base64,"], "is empty"),
        (["a"], [url(b"short")], "'a' is shorter than 2 s"),
        (["a"], [url(b"long")], "'a' is longer than 10 s"),
        (["a"], [url(b"noise")], "'a' is no use: The file could not be read"),
    ],
)
def test_impossible_references_are_refused_in_words(
    server: RunningServer, names: list[str], references: list[str], told: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        server.client().audio.transcriptions.create(
            file=FILE,
            model="gpt-4o-transcribe-diarize",
            known_speaker_names=names,
            known_speaker_references=references,
        )
    assert told in refusal.value.message
    assert str(refusal.value.param).startswith("known_speaker_")
    assert server.recognisers.transcriber.batches == []
    assert server.left_on_disk() == []


def test_four_references_of_ten_seconds_fit_into_the_form(start_server: StartServer) -> None:
    waves = [bytes([number]) * (10 * 48_000 * 4) for number in range(4)]
    sounds = {wave: sound(0.1 + 0.1 * number) for number, wave in enumerate(waves)}
    server = start_server(FakeRecognisers(sounds=sounds))
    answer = diarized(server, **dict(zip("wxyz", waves, strict=True)))
    assert [segment.speaker for segment in answer.segments] == ["w", "x"] * 2


def test_a_failing_diarizer_costs_the_names_not_the_words(start_server: StartServer) -> None:
    failing = FakeRecognisers(diarizing=FakeDiarizer(fault=Fault.FAIL), sounds=SOUNDS)
    answer: Any = diarized(start_server(failing), agent=FIRST)
    assert answer.text.startswith("word0 word1")
