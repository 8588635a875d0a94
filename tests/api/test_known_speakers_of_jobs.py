"""Known speakers of `/v1/jobs`, and of requests that become jobs."""

from typing import Any

import httpx
import pytest

from quoth.adapters.memory.engines import FakeTranscriber
from tests import tus
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer
from tests.api.test_known_speakers import FIRST, SECOND, SOUNDS, STRANGER, url
from tests.api.test_respond_async import ASYNC, FILE, finished

TWO = {
    "known_speaker_names[]": ["Ana, of the bakery", "Ben"],
    "known_speaker_references[]": [url(FIRST), url(SECOND)],
}


@pytest.fixture
def server(start_server: StartServer) -> RunningServer:
    return start_server(FakeRecognisers(sounds=SOUNDS))


def post(server: RunningServer, fields: dict[str, Any], **headers: str) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/jobs", files={"file": FILE}, data=fields, headers=headers, timeout=30
    )


def names(server: RunningServer, address: str) -> list[str]:
    assert finished(server, address)["status"] == "completed"
    transcript = httpx.get(f"{server.url}{address}/transcript").raise_for_status().json()
    return [speaker["name"] for speaker in transcript["speakers"]]


def test_known_voices_of_a_job_are_called_by_name(server: RunningServer) -> None:
    answer = post(server, TWO)
    assert answer.status_code == 202, answer.text
    assert names(server, answer.headers["location"]) == ["Ana, of the bakery", "Ben"]
    assert server.left_on_disk() == []


def test_known_voices_are_looked_for_in_a_finished_upload(server: RunningServer) -> None:
    address = tus.create(server.url, 9, filename="interview.mp3")
    assert tus.patch(address, 0, b"the bytes").status_code == 204
    fields = {
        "upload_id": address.rpartition("/")[2],
        "known_speaker_names": "Ben",
        "known_speaker_references": url(SECOND),
    }
    answer = httpx.post(
        f"{server.url}/v1/jobs", files={name: (None, each) for name, each in fields.items()}
    )
    assert names(server, answer.headers["location"]) == ["Speaker A", "Ben"]


def test_several_recordings_have_the_same_known_voices(server: RunningServer) -> None:
    files = [("file", ("a.wav", b"a")), ("file", ("b.wav", b"b"))]
    answer = httpx.post(f"{server.url}/v1/jobs", files=files, data=TWO).json()
    for job in answer["data"]:
        assert names(server, f"/v1/jobs/{job['id']}") == ["Ana, of the bakery", "Ben"]


def test_a_request_that_becomes_a_job_keeps_its_known_voices(server: RunningServer) -> None:
    answer = httpx.post(
        f"{server.url}/v1/audio/transcriptions", data=TWO, files={"file": FILE}, headers=ASYNC
    )
    assert answer.status_code == 202, answer.text
    assert names(server, answer.headers["location"]) == ["Ana, of the bakery", "Ben"]


def test_told_apart_anew_they_are_still_called_by_name(server: RunningServer) -> None:
    fields = {
        "known_speaker_names": "Ben",
        "known_speaker_references": url(SECOND),
        "num_speakers": "1",
    }
    address = post(server, fields).headers["location"]
    assert names(server, address) == ["Speaker A"]
    anew = httpx.post(f"{server.url}{address}/rediarize", json={"num_speakers": 2})
    assert [speaker["name"] for speaker in anew.raise_for_status().json()["speakers"]] == [
        "Speaker A",
        "Ben",
    ]
    assert names(server, address) == ["Speaker A", "Ben"]


def test_nobody_is_looked_for_where_no_speakers_are_told_apart(server: RunningServer) -> None:
    answer = post(server, TWO | {"diarize": "false"})
    assert names(server, answer.headers["location"]) == []
    assert b"bakery" not in b"".join(
        path.read_bytes() for path in server.data.rglob("*") if path.is_file()
    )


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
def test_impossible_references_are_refused_at_once_in_the_same_words(
    server: RunningServer, names: list[str], references: list[str], told: str
) -> None:
    fields = {"known_speaker_names[]": names, "known_speaker_references[]": references}
    answer = post(server, fields)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert told in error["message"]
    assert error["param"].startswith("known_speaker_")
    assert httpx.get(f"{server.url}/v1/jobs").json()["total"] == 0
    assert server.left_on_disk() == []
    assert list((server.data / "jobs").glob("*")) == []


def test_a_key_with_another_reference_is_another_request(server: RunningServer) -> None:
    key = {"Idempotency-Key": "once"}
    one = {"known_speaker_names": "Ana", "known_speaker_references": url(FIRST)}
    first = post(server, one, **key)
    assert post(server, one, **key).json()["id"] == first.json()["id"]
    other = one | {"known_speaker_references": url(STRANGER)}
    assert post(server, other, **key).status_code == 409


def test_deleting_a_job_deletes_names_and_voices(start_server: StartServer) -> None:
    slow = FakeRecognisers(sounds=SOUNDS, transcriber=FakeTranscriber(seconds_per_window=0.5))
    server = start_server(slow)
    fields = {
        "known_speaker_names": "canary-person",
        "known_speaker_references": url(SECOND),
    }
    address = post(server, fields).headers["location"]
    folder = server.data / "jobs" / address.rpartition("/")[2]
    assert b"canary-person" in (folder / "references.npz").read_bytes()
    assert names(server, address) == ["Speaker A", "canary-person"]
    assert not (folder / "references.npz").exists()
    assert b"canary-person" in (folder / "known-voices.json").read_bytes()
    httpx.delete(f"{server.url}{address}").raise_for_status()
    everything = b"".join(p.read_bytes() for p in server.data.rglob("*") if p.is_file())
    assert b"canary-person" not in everything
