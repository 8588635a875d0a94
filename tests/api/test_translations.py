"""Translations into English, driven by OpenAI's own client."""

import httpx
import openai
import pytest
from openai.types.audio import TranslationVerbose

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.ports.language_detector import LanguageGuess
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer

pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")

FILE = ("talk.wav", b"sound")


@pytest.fixture
def server(start_server: StartServer) -> RunningServer:
    german = FakeTranscriber(has_translation=True, guess=LanguageGuess("de", 0.9))
    return start_server(FakeRecognisers(german))


def test_a_translation_is_asked_for_from_the_language_that_is_spoken(server: RunningServer) -> None:
    answer = server.client().audio.translations.create(file=FILE, model="whisper-1")
    assert answer.text.startswith("word0 word1")
    ((_, options),) = server.recognisers.transcriber.asked
    assert (options.language, options.is_translated) == ("de", True)
    assert server.left_on_disk() == []


def test_verbose_json_is_always_in_english(server: RunningServer) -> None:
    answer = server.client().audio.translations.create(
        file=FILE, model="whisper-1", response_format="verbose_json"
    )
    assert isinstance(answer, TranslationVerbose)
    assert answer.language == "english"
    assert answer.model_extra is not None
    assert answer.model_extra["task"] == "translate"
    assert answer.segments


@pytest.mark.parametrize("format_", ["text", "srt", "vtt"])
def test_other_formats_are_those_of_transcriptions(server: RunningServer, format_: str) -> None:
    response = httpx.post(
        f"{server.url}/v1/audio/translations",
        data={"response_format": format_, "stream": "true", "diarize": "true"},
        files={"file": FILE},
    )
    assert response.status_code == 200
    assert "word0 word1" in response.text
    assert response.headers["content-type"].startswith("text/")


def test_an_engine_that_does_not_translate_is_refused_in_words(start_server: StartServer) -> None:
    server = start_server()
    with pytest.raises(openai.BadRequestError) as refusal:
        server.client().audio.translations.create(file=FILE, model="whisper-1")
    assert refusal.value.param == "model"
    assert "The fake engine (fake) does not translate" in refusal.value.message
    assert server.recognisers.transcriber.batches == []


def test_a_format_of_transcriptions_alone_is_refused(server: RunningServer) -> None:
    response = httpx.post(
        f"{server.url}/v1/audio/translations",
        data={"response_format": "diarized_json"},
        files={"file": FILE},
    )
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "response_format"
