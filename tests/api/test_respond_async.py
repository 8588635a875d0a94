"""`Prefer: respond-async` on the OpenAI endpoint."""

import time
from typing import Any

import httpx
import pytest

from quoth.api.respond_async import prefers_async
from tests.api.conftest import RunningServer

FILE = ("talk.wav", b"sound")
ASYNC = {"Prefer": "respond-async"}


def post(server: RunningServer, fields: dict[str, Any], **headers: str) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/audio/transcriptions",
        data=fields,
        files={"file": FILE},
        headers=ASYNC | headers,
    )


def finished(server: RunningServer, address: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job: dict[str, Any] = httpx.get(server.url + address).json()
        if job["status"] not in ("queued", "running"):
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def test_the_request_becomes_a_job(server: RunningServer) -> None:
    fields = {"language": "de", "keywords": '["Quoth"]', "num_speakers": "2"}
    answer = post(server, fields)
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    job = finished(server, answer.headers["location"])
    assert (job["id"], job["status"], job["name"]) == (answer.json()["id"], "completed", "talk.wav")
    ((_, options),) = server.recognisers.transcriber.asked
    assert (options.language, options.keywords) == ("de", ("Quoth",))
    address = f"{server.url}{answer.headers['location']}/transcript"
    assert "Speaker B: " in httpx.get(address, params={"format": "txt"}).text
    assert server.left_on_disk() == []


def test_without_a_word_on_speakers_none_are_told_apart(server: RunningServer) -> None:
    answer = post(server, {})
    finished(server, answer.headers["location"])
    text = httpx.get(f"{server.url}{answer.headers['location']}/transcript").json()
    assert text["speakers"] == []


def test_the_client_gets_the_job_where_it_expects_a_transcription(server: RunningServer) -> None:
    answer = server.client().audio.transcriptions.create(
        file=FILE, model="whisper-1", extra_headers=ASYNC
    )
    assert answer.model_extra is not None
    assert answer.model_extra["status"] in {"queued", "running", "completed"}


def test_a_repeated_key_is_answered_with_the_same_job(server: RunningServer) -> None:
    ids = {post(server, {}, **{"Idempotency-Key": "once"}).json()["id"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("fields", "parameter"),
    [
        ({"stream": "true"}, "stream"),
        ({"include[]": "logprobs"}, "include"),
        ({"chunking_strategy[type]": "server_vad"}, "chunking_strategy"),
        ({"known_speaker_names[]": "Ana"}, "known_speaker_names"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_what_a_job_cannot_do_is_refused_in_words(
    server: RunningServer, fields: dict[str, str], parameter: str
) -> None:
    answer = post(server, fields)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == parameter
    assert httpx.get(f"{server.url}/v1/jobs").json()["total"] == 0
    assert server.left_on_disk() == []


@pytest.mark.parametrize(
    ("headers", "is_asked_for"),
    [
        (["respond-async"], True),
        (["Respond-Async, wait=10"], True),
        (["wait=10", "return=minimal, respond-async; x=1"], True),
        (["return=minimal"], False),
        ([], False),
    ],
)
def test_the_header_is_read_as_the_rfc_has_it(headers: list[str], is_asked_for: bool) -> None:  # noqa: FBT001
    assert prefers_async(headers) is is_asked_for
