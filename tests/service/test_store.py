"""A server whose store is a bucket, as its users see it."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.buckets import SECRET, BucketServer
from tests.service.conftest import StartServe

pytestmark = pytest.mark.slow
SPEECH = Path(__file__).parents[2] / "quoth" / "bootstrap" / "self-test.ogg"


def wait(url: str, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        job: dict[str, Any] = httpx.get(f"{url}/v1/jobs/{job_id}", timeout=30).json()
        if job["status"] in {"completed", "failed"}:
            return job
        time.sleep(0.3)
    raise AssertionError(job)


def test_a_job_lives_and_dies_in_a_bucket(
    start_serve: StartServe, bucket_server: BucketServer
) -> None:
    place = bucket_server.make_bucket()
    serving = start_serve(**bucket_server.settings(place))
    jobs, content = f"{serving.url}/v1/jobs", SPEECH.read_bytes()
    made = httpx.post(jobs, files={"file": ("speech.ogg", content)}, timeout=60)
    assert made.is_success, made.text
    body = made.json()
    job_id = (body["data"][0] if "data" in body else body)["id"]
    assert wait(serving.url, job_id)["status"] == "completed"
    names = {path.rsplit("/", 1)[1] for path in bucket_server.keys(place)}
    assert {"source", "transcript.json", "evidence.npz", "peaks.npy"} <= names
    assert not {"audio.s16", "words.json", ".disowned"} & names
    assert not list(serving.data.glob("jobs/*"))
    assert not list(serving.data.glob("scratch/*"))

    audio = f"{jobs}/{job_id}/audio"
    part = httpx.get(audio, headers={"Range": "bytes=100-199"}, timeout=30)
    assert (part.status_code, part.content) == (206, content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
    assert httpx.get(audio, timeout=30).content == content
    assert httpx.get(audio, headers={"Range": "bytes=-7"}, timeout=30).content == content[-7:]

    edit = {"kind": "rename_speaker", "speaker": "A", "name": "Canary"}
    edited = httpx.post(f"{jobs}/{job_id}/edits", json=edit, timeout=30)
    assert edited.is_success, edited.text
    shown = httpx.get(f"{jobs}/{job_id}/transcript", params={"format": "txt"}, timeout=30)
    assert "Canary" in shown.text
    assert any(b"Canary" in each for each in bucket_server.keys(place).values())

    assert httpx.delete(f"{jobs}/{job_id}", timeout=30).is_success
    assert bucket_server.keys(place) == {}
    assert SECRET not in "".join(serving.log)
    assert SECRET not in httpx.get(f"{serving.url}/health", timeout=30).text
