"""Shares over HTTP: what a token opens, for how long, and that it is written down nowhere."""

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.memory.keys import MemoryKeyRing
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.shares import SqlShareStore
from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.adapters.storage.job_results import Codec
from quoth.api import errors
from quoth.api.gate import Gate
from quoth.api.routes import shares
from quoth.api.secret_paths import without_token
from quoth.auth.access import Access
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.job_errors import NothingKept
from quoth.domain.jobs import Job
from quoth.domain.peaks import peaks_of
from quoth.domain.shares import USUAL_SECONDS
from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import json
from quoth.ports.jobs import DecodedJob
from quoth.use_cases.share_jobs import ShareJobs
from tests.job_rows import NAME, NOW, added, database, ended

AUDIO = bytes(range(256)) * 8
WORDS = (Word("Hello,", 0.0, 0.4, speaker="A"), Word("Zoë.", 0.5, 0.9, speaker="A"))
TRANSCRIPT = Transcript(
    "en",
    61.5,
    "fake",
    "fake",
    (Segment(0, "A", WORDS, "Hello, Zoë."),),
    (Speaker("A", "Ana", 0.9),),
)
SILENCE = ArrayWaveform(np.zeros(SAMPLE_RATE, dtype=np.float32))
LONGEST = 30 * 86_400.0


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Service:
    """A server with nothing but shares, its parts, and a client in front of it."""

    client: httpx2.Client
    store: SqlJobStore
    files: FolderJobFiles
    clock: Clock
    folder: Path
    engine: Engine
    logged: list[str] = field(default_factory=list)

    def finished_job(self) -> Job:
        """A job that is done, with everything it leaves."""
        job = ended(self.store, added(self.store))
        with self.files.adding(job.id) as path:
            path.write_bytes(AUDIO)
        self.files.decoded_path(job.id).write_bytes(b"")
        self.files.keep_decoded(job.id, DecodedJob(SILENCE, ()), peaks_of(SILENCE))
        self.files.keep_transcript(job.id, TRANSCRIPT)
        return job

    def share(self, job: Job, **form: Any) -> dict[str, Any]:
        answer = self.client.post(f"/v1/jobs/{job.id}/shares", json=form)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.fixture
def service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    engine = database(tmp_path)
    store, clock = SqlJobStore(engine), Clock()
    files = FolderJobFiles(tmp_path / "jobs", Codec(json.render, json.parse), PcmFile)

    def transcript_of(job: Job) -> Transcript:
        found = files.transcript(job.id)
        if found is None:
            raise NothingKept(job.id, "transcript", f"it is {job.status.value}")
        return found

    app = FastAPI()
    errors.install(app)
    use_case = ShareJobs(store, SqlShareStore(engine), clock, LONGEST)
    app.include_router(shares.router(use_case, files, transcript_of))
    app.add_middleware(Gate, access=Access(MemoryKeyRing(), clock))
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "uvicorn.access")  # servers of other tests quieten it
    monkeypatch.setattr(logging.getLogger("uvicorn.access"), "propagate", True)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    # The client's own log is nobody's business here: it writes down what it asks for.
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield Service(client, store, files, clock, tmp_path, engine)
    server.should_exit = True
    thread.join(10)
    engine.dispose()


def test_a_share_shows_a_job_and_what_was_said_in_it(service: Service) -> None:
    job = service.finished_job()
    made = service.share(job, label="for Ana")
    assert made["path"] == f"/v1/shares/{made['token']}"
    assert made["expires_at"] == NOW + USUAL_SECONDS
    assert service.client.get(made["path"]).json() == {
        "object": "shared_job",
        "name": NAME,
        "status": "completed",
        "duration": 61.5,
        "language": "en",
        "speakers": [{"id": "A", "name": "Ana", "seconds": 0.9}],
        "has_audio": True,
    }
    text = service.client.get(f"{made['path']}/transcript?format=txt")
    assert "Hello, Zoë." in text.text
    assert service.client.get(f"{made['path']}/transcript").json()["language"] == "en"
    peaks = service.client.get(f"{made['path']}/peaks").json()
    assert (peaks["length"], len(peaks["data"])) == (10, 20)


def test_audio_is_given_whole_and_in_ranges(service: Service) -> None:
    path = service.share(service.finished_job())["path"] + "/audio"
    whole = service.client.get(path)
    assert whole.content == AUDIO
    assert whole.headers["content-type"] == "audio/mpeg"
    part = service.client.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, AUDIO[100:200])


def test_every_answer_is_for_whoever_asked_alone(service: Service) -> None:
    job = service.finished_job()
    made = service.share(job)
    paths = [f"{made['path']}{rest}" for rest in ("", "/transcript", "/audio", "/peaks")]
    paths += [f"/v1/jobs/{job.id}/shares", "/v1/shares/unknown", f"{paths[1]}?format=nonsense"]
    for path in paths:
        headers = service.client.get(path).headers
        assert headers["cache-control"] == "no-store", path
        assert headers["referrer-policy"] == "no-referrer", path


def test_unknown_expired_and_revoked_tokens_are_answered_alike(service: Service) -> None:
    job = service.finished_job()
    revoked, expired = service.share(job), service.share(job, expires_in=60)
    removed = service.client.delete(f"/v1/jobs/{job.id}/shares/{revoked['id']}")
    assert removed.status_code == 204
    service.clock.now += 60
    answers = [
        service.client.get(f"/v1/shares/{token}")
        for token in ("unknown", revoked["token"], expired["token"], "%00", "ü", "a" * 5000)
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, answers[0].content)
    }
    assert answers[0].json()["error"]["code"] == "share_not_found"


def test_a_token_opens_no_other_job(service: Service) -> None:
    shared, other = service.finished_job(), service.finished_job()
    made = service.share(shared)
    assert service.client.delete(f"/v1/jobs/{other.id}/shares/{made['id']}").status_code == 404
    assert service.client.get(f"/v1/shares/{made['id']}").status_code == 404
    assert service.client.get(made["path"]).status_code == 200


def test_the_list_has_what_is_good_and_no_tokens(service: Service) -> None:
    job = service.finished_job()
    short, long = service.share(job, expires_in=60, label="short"), service.share(job)
    service.clock.now += 61
    listed = service.client.get(f"/v1/jobs/{job.id}/shares")
    assert [each["id"] for each in listed.json()["data"]] == [long["id"]]
    for made in (short, long):
        assert made["token"] not in listed.text


def test_a_token_is_written_down_nowhere(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    made = service.share(service.finished_job())
    token = made["token"]
    for path in (made["path"], f"{made['path']}/transcript", f"{made['path']}/nonsense"):
        service.client.get(path)
    service.client.put(made["path"])
    service.client.get(f"/v1/shares/{token[:-1]}")
    told = [service.client.get(f"{made['path']}/transcript?format=no").text]
    told += [record.getMessage() for record in caplog.records]
    assert any("/v1/shares/[token]/transcript" in each for each in told)
    assert not [each for each in told if token[:-1] in each]
    written = [path.read_bytes() for path in service.folder.rglob("*") if path.is_file()]
    assert any(made["id"].encode() in each for each in written)
    assert not [each for each in written if token.encode() in each]


def test_a_share_of_a_job_that_is_not_done_says_so(service: Service) -> None:
    made = service.share(added(service.store))
    shown = service.client.get(made["path"]).json()
    assert (shown["status"], shown["speakers"]) == ("queued", [])
    for rest in ("transcript", "audio", "peaks"):
        answer = service.client.get(f"{made['path']}/{rest}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "nothing_kept")


def test_shares_end_with_their_job(service: Service) -> None:
    job = service.finished_job()
    made = service.share(job)
    service.store.delete(job.id)
    assert service.client.get(made["path"]).status_code == 404


@pytest.mark.parametrize(
    ("form", "parameter"),
    [
        ({"expires_in": 59}, "expires_in"),
        ({"expires_in": LONGEST + 1}, "expires_in"),
        ({"expires_in": -1}, "expires_in"),
        ({"expires_in": "soon"}, "expires_in"),
        ({"label": "x" * 256}, "label"),
        ({"label": 7}, "label"),
    ],
)
def test_a_share_that_cannot_be_is_refused_by_name(
    service: Service, form: dict[str, Any], parameter: str
) -> None:
    answer = service.client.post(f"/v1/jobs/{added(service.store).id}/shares", json=form)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == parameter


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"expires_in": 1e999}', b'"x"'])
def test_a_body_that_is_none_is_refused(service: Service, body: bytes) -> None:
    answer = service.client.post(f"/v1/jobs/{added(service.store).id}/shares", content=body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_a_share_can_be_made_without_a_body(service: Service) -> None:
    answer = service.client.post(f"/v1/jobs/{added(service.store).id}/shares")
    assert answer.status_code == 201


@pytest.mark.parametrize("ask", ["get", "post", "delete"])
def test_there_are_no_shares_of_a_job_that_there_is_not(service: Service, ask: str) -> None:
    end = "/anything" if ask == "delete" else ""
    answer = service.client.request(ask.upper(), f"/v1/jobs/{'0' * 32}/shares{end}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "job_not_found")


def test_what_was_shared_is_not_run_as_a_page(service: Service) -> None:
    job = ended(service.store, added(service.store, name="evil.html"))
    with service.files.adding(job.id) as path:
        path.write_bytes(b"<script>alert(1)</script>")
    answer = service.client.get(service.share(job)["path"] + "/audio")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@given(st.text("/?#. \nab", min_size=1, max_size=20), st.sampled_from(["", "/audio", "?x=y"]))
def test_no_token_is_left_in_an_address_for_a_log(noise: str, rest: str) -> None:
    secret = "SECRET" + noise.replace("/", "").replace("?", "").replace("#", "").strip()
    secret = "".join(secret.split())
    assert secret not in without_token(f"GET /v1/shares/{secret}{rest} HTTP/1.1")


def test_words_that_are_looked_for_are_not_in_an_address_for_a_log() -> None:
    line = "/v1/jobs?limit=5&q=secret+affair&status=failed"
    assert without_token(line) == "/v1/jobs?limit=5&q=[words]&status=failed"
