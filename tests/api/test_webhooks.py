"""`webhook_url` of a job over HTTP, from the request to a receiver."""

import json
import stat
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from quoth.adapters.memory.engines import FakeTranscriber, Fault
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer
from tests.receiver import Receiver, receiving

RECORDING = {"file": ("talk.wav", b"the bytes of a recording")}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def may_tell_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_ALLOW_PRIVATE", "true")


def post(server: RunningServer, webhook_url: str) -> httpx2.Response:
    form = {"webhook_url": webhook_url}
    return httpx2.post(f"{server.url}/v1/jobs", data=form, files=RECORDING, trust_env=False)


def secret_of(server: RunningServer) -> str:
    return (server.data / "webhook-secret").read_text().strip()


def ask(server: RunningServer, method: str, path: str) -> Any:
    return httpx2.request(method, f"{server.url}{path}", trust_env=False).json()


@pytest.mark.usefixtures("may_tell_loopback")
def test_whoever_asked_is_told_that_a_job_is_completed(
    start_server: StartServer, receiver: Receiver
) -> None:
    server = start_server()
    job = post(server, receiver.url).json()
    receiver.wait(1)
    kept = server.data / "webhook-secret"
    told = receiver.got[0].verified(secret_of(server))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert told["type"] == "job.completed"
    assert told["data"]["id"] == job["id"]
    assert told["data"]["name"] == "talk.wav"
    assert told["data"]["duration"] == 20.0
    text = ask(server, "GET", f"/v1/jobs/{job['id']}/transcript")
    words = [word["text"] for segment in text["segments"] for word in segment["words"]]
    assert words
    assert not [word for word in words if word in json.dumps(told)]


@pytest.mark.usefixtures("may_tell_loopback")
def test_whoever_asked_is_told_that_a_job_failed(
    start_server: StartServer, receiver: Receiver
) -> None:
    broken = FakeTranscriber(fault=Fault.RAISE)
    server = start_server(FakeRecognisers(transcriber=broken))
    post(server, receiver.url)
    receiver.wait(1)
    told = receiver.got[0].verified(secret_of(server))
    assert (told["type"], told["data"]["failure"]["code"]) == ("job.failed", "internal")


@pytest.mark.usefixtures("may_tell_loopback")
def test_whoever_asked_is_told_that_a_job_was_cancelled_and_then_that_it_is_completed(
    start_server: StartServer, receiver: Receiver
) -> None:
    server = start_server(FakeRecognisers(transcriber=FakeTranscriber(seconds_per_window=1.0)))
    job = post(server, receiver.url).json()
    ask(server, "POST", f"/v1/jobs/{job['id']}/cancel")
    receiver.wait(1)
    ask(server, "POST", f"/v1/jobs/{job['id']}/retry")
    receiver.wait(2)
    told = [got.verified(secret_of(server)) for got in receiver.got]
    assert [each["type"] for each in told] == ["job.cancelled", "job.completed"]
    assert [each["data"]["attempt"] for each in told] == [1, 2]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 2


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://127.0.0.1:9/hook", "WEBHOOK_ALLOW_PRIVATE"),
        ("http://169.254.169.254/latest/meta-data", "WEBHOOK_ALLOW_PRIVATE"),
        ("http://[::ffff:10.0.0.1]/", "WEBHOOK_ALLOW_PRIVATE"),
        ("https://user:password@example.com/", "user name or password"),
        ("gopher://example.com/", "neither http"),
    ],
)
def test_a_url_that_may_not_be_told_is_refused_and_no_job_is_made(
    server: RunningServer, url: str, complaint: str
) -> None:
    answer = post(server, url)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "webhook_url"
    assert complaint in answer.json()["error"]["message"]
    assert ask(server, "GET", "/v1/jobs")["data"] == []
    assert list((server.data / "jobs").glob("*")) == []


@pytest.mark.usefixtures("may_tell_loopback")
def test_an_empty_url_is_none(start_server: StartServer) -> None:
    assert post(start_server(), "").status_code == 202


def test_a_finished_job_can_be_shared_and_taken_back(server: RunningServer) -> None:
    job = post(server, "").json()
    deadline = time.monotonic() + 20
    while ask(server, "GET", f"/v1/jobs/{job['id']}")["status"] != "completed":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    made = ask(server, "POST", f"/v1/jobs/{job['id']}/shares")
    shown = ask(server, "GET", made["path"])
    assert (shown["name"], shown["status"]) == ("talk.wav", "completed")
    segment = ask(server, "GET", f"{made['path']}/transcript")["segments"][0]["words"]
    assert segment
    httpx2.delete(f"{server.url}/v1/jobs/{job['id']}/shares/{made['id']}", trust_env=False)
    assert ask(server, "GET", made["path"])["error"]["code"] == "share_not_found"
