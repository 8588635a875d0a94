"""The fields of the contract as every kind of client spells them, and what they do."""

import json
from typing import Any

import httpx
import pytest

from quoth.adapters.memory.engines import FakeSpeechDetector, FakeTranscriber
from quoth.ports.language_detector import LanguageGuess
from quoth.ports.speech_detector import USUAL_SPEECH, SpeechCriteria
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer

FILE = ("talk.wav", b"sound")


def post(server: RunningServer, fields: dict[str, Any]) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/audio/transcriptions", data=fields, files={"file": FILE}, timeout=30
    )


def refused(server: RunningServer, fields: dict[str, Any]) -> dict[str, Any]:
    response = post(server, fields)
    assert response.status_code == 400, response.text
    assert server.recognisers.transcriber.batches == []
    error: dict[str, Any] = response.json()["error"]
    return error


def test_a_language_is_detected_among_those_it_can_be(start_server: StartServer) -> None:
    french = FakeTranscriber(languages=("de", "en", "fr"), guess=LanguageGuess("fr", 0.9))
    server = start_server(FakeRecognisers(french))
    client = server.client().audio.transcriptions
    free = client.create(file=FILE, model="gpt-transcribe")
    assert [language.code for language in free.languages or ()] == ["fr"]
    bound = client.create(file=FILE, model="gpt-transcribe", languages=["de", "en"])
    assert [language.code for language in bound.languages or ()] == ["de"]


def test_one_language_it_can_be_is_the_language(server: RunningServer) -> None:
    client = server.client().audio.transcriptions
    answer = client.create(file=FILE, model="gpt-transcribe", languages=["de-AT", "DE"])
    assert [language.code for language in answer.languages or ()] == ["de"]


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"languages[]": ["en", "tlh"]}, "languages"),
        ({"language": "en", "languages[]": ["de"]}, "languages"),
        ({"chunking_strategy": "sometimes"}, "chunking_strategy"),
        ({"chunking_strategy": '{"type": "server_vad", "threshold": 2}'}, "chunking_strategy"),
        ({"chunking_strategy": '{"threshold": 0.2}'}, "chunking_strategy"),
        ({"chunking_strategy": "[1]"}, "chunking_strategy"),
        (
            {"chunking_strategy[type]": "server_vad", "chunking_strategy[threshold]": "x"},
            "chunking_strategy",
        ),
        (
            {"chunking_strategy": '{"type": "server_vad", "silence_duration_ms": -1}'},
            "chunking_strategy",
        ),
    ],
)
def test_impossible_values_are_named(
    server: RunningServer, fields: dict[str, Any], parameter: str
) -> None:
    assert refused(server, fields)["param"] == parameter


def test_an_impossible_number_inside_an_object_is_named(server: RunningServer) -> None:
    fields = {"chunking_strategy": '{"type": "server_vad", "threshold": 2}'}
    assert "threshold: input should be less than" in refused(server, fields)["message"]


VAD = {"type": "server_vad", "threshold": 0.3, "silence_duration_ms": 700, "prefix_padding_ms": 100}


@pytest.mark.parametrize(
    "fields",
    [
        {"chunking_strategy": json.dumps(VAD)},
        {f"chunking_strategy[{key}]": str(value) for key, value in VAD.items()},
    ],
)
def test_numbers_for_speech_reach_the_detector_and_the_windows(
    start_server: StartServer, fields: dict[str, str]
) -> None:
    detector = FakeSpeechDetector()
    server = start_server(FakeRecognisers(detector=detector))
    assert post(server, fields).status_code == 200
    assert detector.asked == [SpeechCriteria(0.3, 0.7)]


def test_the_client_sends_numbers_for_speech_as_an_object(start_server: StartServer) -> None:
    detector = FakeSpeechDetector()
    client = start_server(FakeRecognisers(detector=detector)).client()
    client.audio.transcriptions.create(
        file=FILE, model="whisper-1", chunking_strategy={"type": "server_vad", "threshold": 0.7}
    )
    client.audio.transcriptions.create(file=FILE, model="whisper-1", chunking_strategy="auto")
    assert detector.asked == [SpeechCriteria(0.7), USUAL_SPEECH]


CURL = {
    "model": "whisper-1",
    "response_format": "verbose_json",
    "timestamp_granularities[]": "word",
}
LITELLM = {
    "model": "whisper-1",
    "response_format": "verbose_json",
    "timestamp_granularities[]": ["word", "segment"],
    "temperature": "0",
    "user": "someone",
    "litellm_call_id": "1",
}
OPEN_WEBUI = {"model": "whisper-1", "language": "en", "prompt": "", "temperature": ""}
HOME_ASSISTANT = {"model": "", "language": "en-US", "prompt": "", "response_format": "JSON"}
SPELLED_OUT = {
    "stream": "False",
    "diarize": "",
    "num_speakers": "",
    "language": "auto",
    "languages": "",
    "include": "[]",
    "timestamp_granularities": '["segment"]',
    "chunking_strategy": '"auto"',
}


@pytest.mark.parametrize("fields", [CURL, LITELLM, OPEN_WEBUI, HOME_ASSISTANT, SPELLED_OUT])
def test_what_programs_send_is_taken(server: RunningServer, fields: dict[str, Any]) -> None:
    response = post(server, fields)
    assert response.status_code == 200, response.text
    assert response.json()["text"].startswith("word0 word1")
