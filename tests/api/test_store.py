"""A server whose jobs lie in a bucket, and a bucket that is away for a while."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.adapters.storage import bucket
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer
from tests.api.test_jobs import finished, get, post
from tests.buckets import BucketServer
from tests.jobs import bytes_under

RECORDING = b"".join(b"%07d\n" % number for number in range(400_000))
SIZE = len(RECORDING)
RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=8-15": (8, 16),
    f"bytes={SIZE - 8}-": (SIZE - 8, SIZE),
    "bytes=-16": (SIZE - 16, SIZE),
    "bytes=1048000-2098000": (1_048_000, 2_098_001),
}


@pytest.fixture
def url(bucket_server: BucketServer) -> str:
    return bucket_server.make_bucket()


@pytest.fixture
def server(start_server: StartServer, bucket_server: BucketServer, url: str) -> RunningServer:
    return start_server(environment=bucket_server.settings(url))


@contextmanager
def away(server: BucketServer) -> Iterator[None]:
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def edit(server: RunningServer, job_id: str, kind: str, **values: object) -> httpx.Response:
    address = f"{server.url}/v1/jobs/{job_id}/edits"
    etag = httpx.get(address).headers["etag"]
    return httpx.post(address, json={"kind": kind, **values}, headers={"If-Match": etag})


def test_a_job_is_done_edited_and_deleted_in_a_bucket(
    server: RunningServer, bucket_server: BucketServer, url: str, tmp_path: Path
) -> None:
    job_id = post(server, ("talk.wav", RECORDING)).json()["id"]
    assert finished(server, job_id)["status"] == "completed"
    assert get(server, f"/{job_id}/peaks")["length"] > 0
    assert edit(server, job_id, "rename_speaker", speaker="A", name="Zora").is_success
    text = httpx.get(f"{server.url}/v1/jobs/{job_id}/transcript", params={"format": "txt"}).text
    assert "Zora" in text
    again = httpx.post(f"{server.url}/v1/jobs/{job_id}/rediarize", json={"num_speakers": 1})
    assert [each["id"] for each in again.json()["speakers"]] == ["A"]
    kept = {key.rpartition("/")[2] for key in bucket_server.keys(url)}
    assert {"source", "transcript.json", "evidence.npz", "peaks.npy", "edits.jsonl"} <= kept
    assert b"0000000\n" not in bytes_under(tmp_path / "data0")
    assert httpx.delete(f"{server.url}/v1/jobs/{job_id}").is_success
    assert [key for key in bucket_server.keys(url) if job_id in key] == []


def test_a_player_gets_the_bytes_it_asks_for(server: RunningServer) -> None:
    job_id = post(server, ("talk.wav", RECORDING)).json()["id"]
    address = f"{server.url}/v1/jobs/{job_id}/audio"
    for asked, (first, end) in RANGES.items():
        answer = httpx.get(address, headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{SIZE}"
        assert answer.content == RECORDING[first:end]
    whole = httpx.get(address)
    assert whole.content == RECORDING
    tag = {"If-Range": whole.headers["etag"], "Range": "bytes=8-15"}
    assert httpx.get(address, headers=tag).content == RECORDING[8:16]
    assert httpx.get(address, headers={"Range": f"bytes={SIZE}-"}).status_code == 416


def test_a_store_that_is_away_is_a_503_that_loses_nothing(
    start_server: StartServer, own_bucket_server: BucketServer
) -> None:
    server = start_server(environment=own_bucket_server.settings(own_bucket_server.make_bucket()))
    own_bucket_server.process.kill()
    own_bucket_server.process.wait()
    refused = post(server)
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "store_unavailable"
    assert get(server, "")["data"] == []


def test_a_job_waits_for_a_store_that_is_away(
    start_server: StartServer, own_bucket_server: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = {"read_timeout": timedelta(seconds=0.3), "timeout": timedelta(seconds=0.5)}
    for name, seconds in hasty.items():
        monkeypatch.setitem(bucket.CLIENT, name, seconds)
    monkeypatch.setitem(bucket.RETRIES, "retry_timeout", timedelta(seconds=0.5))
    slow = FakeTranscriber(seconds_per_window=1.0)
    server = start_server(
        FakeRecognisers(transcriber=slow),
        environment=own_bucket_server.settings(own_bucket_server.make_bucket()),
    )
    job_id = post(server).json()["id"]
    while not slow.batches:
        time.sleep(0.01)
    with away(own_bucket_server):  # while the words come, which are to be kept there
        time.sleep(3.0)
    assert finished(server, job_id)["status"] == "completed"
    assert get(server, f"/{job_id}/transcript")["text"].startswith("word0")
