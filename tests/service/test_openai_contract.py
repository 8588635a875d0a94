"""OpenAI's contract with the packaged engine, as `quoth serve` gives it to OpenAI's own client."""

import base64
import time
from pathlib import Path

import httpx
import openai
import pytest
from openai.types.audio import TranscriptionDiarized

from tests.service.conftest import ServeProcess

pytestmark = pytest.mark.slow


@pytest.fixture
def client(serving: ServeProcess) -> openai.OpenAI:
    return openai.OpenAI(api_key="none needed", base_url=f"{serving.url}/v1", max_retries=0)


@pytest.fixture
def meeting(speech_data: Path) -> Path:
    return speech_data / "meeting-2spk-short" / "meeting-2spk-short.flac"


def test_words_are_streamed_while_others_are_still_being_recognised(
    client: openai.OpenAI, meeting: Path
) -> None:
    started = time.monotonic()
    text, came = "", []
    with client, meeting.open("rb") as file:
        for event in client.audio.transcriptions.create(
            file=file, model="gpt-4o-transcribe", stream=True, include=["logprobs"]
        ):
            came.append(time.monotonic() - started)
            if event.type == "transcript.text.delta":
                text += event.delta
                assert event.logprobs
    assert event.type == "transcript.text.done"
    assert event.text == text
    assert len(text.split()) > 100
    assert came[0] < came[-1] - 1.0


def test_known_speakers_are_called_by_name(
    client: openai.OpenAI, meeting: Path, speech_data: Path
) -> None:
    utterances = speech_data / "utterances"
    references = ("LS1688-142285-0006.flac", "LJ001-0003.flac", "PM-LJ002-0053.flac")
    with client, meeting.open("rb") as file:
        answer = client.audio.transcriptions.create(
            file=file,
            model="gpt-4o-transcribe-diarize",
            response_format="diarized_json",
            chunking_strategy="auto",
            known_speaker_names=["guest", "reader", "nobody"],
            known_speaker_references=[url(utterances / each) for each in references],
        )
    assert isinstance(answer, TranscriptionDiarized)
    who = {segment.speaker for segment in answer.segments}
    assert who == {"guest", "reader"}
    assert answer.segments[0].speaker == "reader"
    assert next(each for each in answer.segments if each.start > 12).speaker == "guest"


def test_a_job_knows_them_too_and_still_does_when_told_apart_anew(
    serving: ServeProcess, meeting: Path, speech_data: Path
) -> None:
    utterances = speech_data / "utterances"
    known = {
        "known_speaker_names[]": ["guest", "reader"],
        "known_speaker_references[]": [
            url(utterances / each) for each in ("LS1688-142285-0006.flac", "LJ001-0003.flac")
        ],
    }
    with httpx.Client(base_url=serving.url, timeout=60) as client, meeting.open("rb") as file:
        job = f"/v1/jobs/{client.post('/v1/jobs', files={'file': file}, data=known).json()['id']}"
        deadline = time.monotonic() + 120
        while client.get(job).json()["status"] in {"queued", "running"}:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        transcript = client.get(f"{job}/transcript").json()
        assert [speaker["name"] for speaker in transcript["speakers"]] == ["reader", "guest"]
        for count in (1, 2):
            anew = client.post(f"{job}/rediarize", json={"num_speakers": count}).json()
            assert len(anew["speakers"]) == count
        assert [speaker["name"] for speaker in anew["speakers"]] == ["reader", "guest"]
        client.delete(job).raise_for_status()


def url(file: Path) -> str:
    return f"data:audio/flac;base64,{base64.b64encode(file.read_bytes()).decode()}"


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_spanish_is_translated(client: openai.OpenAI, speech_data: Path) -> None:
    with client, (speech_data / "real-multilingual" / "test_es.flac").open("rb") as file:
        answer = client.audio.translations.create(file=file, model="whisper-1")
    assert "sand" in answer.text
