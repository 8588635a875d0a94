"""A server without an engine, three workers, a Postgres and a bucket: all as a user starts them."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.buckets import SECRET, BucketServer
from tests.fleet.programs import Programs, programs
from tests.media import run_ffmpeg
from tests.postgres import Postgres
from tests.service.conftest import ServeProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SPEECH = Path(__file__).parents[2] / "quoth" / "bootstrap" / "self-test.ogg"
SECONDS = (6, 11)
TWINS = 2
WORKERS = 3
AFTER_A_JOB = {"source", "evidence.npz", "peaks.npy", "transcript.json"}
"""What there is of a job that is done; samples, words and marks are gone."""


@pytest.fixture
def fleet(postgres: Postgres, bucket_server: BucketServer, tmp_path: Path) -> Iterator[Programs]:
    shared = bucket_server.settings(bucket_server.make_bucket()) | {
        "DATABASE_URL": postgres.emptied(),
        "ENGINE": "whisper",
        "TAKEOVER_SECONDS": "5",
        "JOB_CONCURRENCY": "1",
        "OMP_NUM_THREADS": "1",
    }
    with programs(tmp_path, shared) as running:
        yield running


def ask(fleet: Programs, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(fleet.shared["DATABASE_URL"]) as connection:
        return connection.execute(query).fetchall()


def until(fleet: Programs, query: str, seconds: float = 150.0) -> list[tuple[Any, ...]]:
    """Wait until a query finds something, and return that."""
    deadline = time.monotonic() + seconds
    while not (found := ask(fleet, query)):
        assert time.monotonic() < deadline, [each.log[-20:] for each in fleet.started]
        time.sleep(0.05)
    return found


def being_recognised(fleet: Programs, workers: list[ServeProcess]) -> tuple[str, ServeProcess]:
    """Wait for a job that is being recognised; return it and the worker that has its samples."""
    deadline = time.monotonic() + 150.0
    while time.monotonic() < deadline:
        query = "SELECT id FROM quoth_jobs WHERE status = 'running' AND stage = 'transcribe'"
        for (job_id,) in ask(fleet, query):
            for worker in workers:
                if (worker.data / "scratch" / job_id / "audio.s16").exists():
                    return job_id, worker
        time.sleep(0.05)
    raise AssertionError([each.log[-20:] for each in fleet.started])


def said(api: httpx.Client, job_id: str) -> list[tuple[str, str, float, float]]:
    """Return who said what when, once a job is done."""
    deadline = time.monotonic() + 150.0
    while (status := api.get(f"/v1/jobs/{job_id}").json()["status"]) in {"queued", "running"}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert status == "completed"
    told = api.get(f"/v1/jobs/{job_id}/transcript", params={"format": "json"}).json()
    return [(each["text"], each["speaker"], each["start"], each["end"]) for each in told["words"]]


def test_jobs_sent_to_a_server_are_done_by_workers_of_whom_one_is_killed(
    fleet: Programs, bucket_server: BucketServer, tmp_path: Path
) -> None:
    server = fleet.serve()
    workers = [fleet.worker() for _ in range(WORKERS)]
    able = "SELECT count(*) FROM quoth_workers WHERE models::text <> '[]'"
    with httpx.Client(base_url=server.url, timeout=60) as api:  # the tables are there by then
        assert api.get("/health").is_success
    until(fleet, f"{able} HAVING count(*) = {WORKERS}")
    recordings = []
    for seconds in SECONDS:
        recordings.append(tmp_path / f"{seconds}.flac")
        run_ffmpeg("-i", str(SPEECH), "-t", str(seconds), str(recordings[-1]))
    with httpx.Client(base_url=server.url, timeout=60) as api:
        assert "3 workers" in api.get("/health").json()["engine_choice"]
        jobs = []
        for path in recordings * TWINS:
            made = api.post("/v1/jobs", files={"file": (path.name, path.read_bytes())})
            assert made.status_code == 202, made.text
            jobs.append(made.json()["id"])
        hit, killed = being_recognised(fleet, workers)
        fleet.kill(killed)

        heard = [said(api, job_id) for job_id in jobs]
        for one, other in zip(heard[: len(SECONDS)], heard[len(SECONDS) :], strict=True):
            assert one == other
            assert one
        assert len({len(each) for each in heard}) == len(SECONDS)
        assert ask(fleet, f"SELECT lease > 1 FROM quoth_jobs WHERE id = '{hit}'") == [(True,)]  # noqa: S608

        place = fleet.shared["STORE_URL"]
        there = {path.removeprefix("some/prefix/") for path in bucket_server.keys(place)}
        assert there == {".store"} | {f"{job}/{name}" for job in jobs for name in AFTER_A_JOB}
        for job_id in jobs:
            assert api.delete(f"/v1/jobs/{job_id}").is_success
        assert [path.rsplit("/", 1)[-1] for path in bucket_server.keys(place)] == [".store"]

    left = [worker for worker in workers if worker is not killed]
    for worker in left:
        worker.process.send_signal(signal.SIGTERM)
    for worker in left:
        assert worker.process.wait(40) == 0
        assert list(worker.data.glob("scratch/*")) == []
    assert SECRET not in "".join(line for each in fleet.started for line in each.log)
