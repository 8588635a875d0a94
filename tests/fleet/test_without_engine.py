"""A server without an engine, over HTTP: workers elsewhere do what it takes in."""

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from quoth.bootstrap.access import build_access, build_limits
from quoth.bootstrap.server import build_app, installation_and_jobs
from quoth.config import Settings
from quoth.domain.job_errors import NoDatabase, WrongStore
from tests.crashes.engines import recording
from tests.fleet.company import Begun, Company
from tests.media import wav
from tests.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def company(postgres: Postgres, tmp_path: Path) -> Iterator[Company]:
    company = Company(
        postgres, tmp_path, {"step_seconds": 0.2, "takeover_seconds": 6.0}, is_serving=False
    )
    with company:
        yield company


@pytest.fixture
def client(company: Company) -> Iterator[TestClient]:
    settings = company.given.settings.model_copy(update={"engine": "none"})
    installation, jobs = installation_and_jobs(settings)
    app = build_app(installation, jobs, build_access(settings), build_limits(settings))
    jobs.start()
    with TestClient(app, client=("127.0.0.1", 5000), base_url="http://localhost") as client:
        yield client
    jobs.close()
    installation.close()


def ask(client: TestClient, **fields: str) -> "tuple[int, dict[str, object]]":
    answer = client.post(
        "/v1/audio/transcriptions",
        files={"file": ("a.wav", recording(12, 1))},
        data={"model": "whisper-1", **fields},
    )
    return answer.status_code, answer.json()


def test_a_server_without_an_engine_does_everything_by_workers(
    company: Company, client: TestClient
) -> None:
    assert client.get("/v1/models").json()["data"] == []
    assert "no worker" in client.get("/health").json()["engine_choice"]
    status, refused = ask(client)
    assert status == 503
    assert refused["error"]["code"] == "no_worker"  # type: ignore[index]
    live = client.get("/v1/realtime")
    assert (live.status_code, live.json()["error"]["code"]) == (501, "live_unavailable")
    job = client.post("/v1/jobs", files={"file": ("b.wav", recording(13, 1))}).json()
    assert "none is up" in job["waiting_for"]
    basque = {"language": "eu"}
    early = client.post("/v1/jobs", files={"file": ("c.wav", recording(14, 1))}, data=basque).json()

    company.start()
    company.until(lambda: bool(client.get("/v1/models").json()["data"]))
    (model,) = client.get("/v1/models").json()["data"]
    assert (model["id"], model["languages"]) == ("fake", ["en", "de"])
    assert "1 workers" in client.get("/health").json()["engine_choice"]
    status, transcript = ask(client, response_format="verbose_json")
    assert status == 200, transcript
    assert transcript["duration"] == 12.0
    assert str(transcript["text"]).startswith("word")
    listed = client.get("/v1/jobs").json()
    assert listed["total"] == 2  # that of the request is gone
    done = f"/v1/jobs/{job['id']}"
    company.until(lambda: client.get(done).json()["status"] == "completed")
    status, refused = ask(client, language="eu")
    assert status == 400

    waits = f"/v1/jobs/{early['id']}"
    assert "language eu" in client.get(waits).json()["waiting_for"]
    company.start(model="basque", languages=["eu"])
    company.until(lambda: client.get(waits).json()["status"] == "completed")
    assert client.get(waits).json()["waiting_for"] is None
    assert [each.pid for each in company.begun() if each.recording == "14.wav"] == [
        company.workers[1].pid
    ] * 4


def reference(folder: Path, level: float) -> str:
    """Return three seconds of the voice that begins at a level."""
    content = wav(folder / "reference.wav", np.full(48_000, level)).read_bytes()
    return f"data:audio/wav;base64,{base64.b64encode(content).decode()}"


def test_workers_know_the_people_whose_voices_the_server_was_given(
    company: Company, client: TestClient, tmp_path: Path
) -> None:
    first = np.random.default_rng(1).integers(-9999, 9999, 10)[0] / 32_768  # of recording(_, 1)
    known = {
        "known_speaker_names[]": ["Ana", "Nobody"],
        "known_speaker_references[]": [
            reference(tmp_path, first),
            reference(tmp_path, first + 0.45),
        ],
    }
    company.start()
    company.until(lambda: bool(client.get("/v1/models").json()["data"]))
    for route in ("/v1/jobs", "/v1/audio/transcriptions"):
        file, unfit = {"file": ("a.wav", recording(12, 1))}, dict(known)
        unfit["known_speaker_references[]"] = [reference(tmp_path, first)[:-60_000]] * 2
        refused = client.post(route, files=file, data=unfit)
        assert refused.status_code == 400
        assert "is shorter than 2 s" in refused.json()["error"]["message"]
    answer = client.post(
        "/v1/audio/transcriptions",
        files={"file": ("a.wav", recording(12, 1))},
        data=known | {"response_format": "diarized_json"},
    )
    assert answer.json()["segments"][0]["speaker"] == "Ana", answer.text
    assert answer.json()["warnings"] == ["'Nobody' was not recognised among the speakers."]

    job = client.post("/v1/jobs", files={"file": ("13.wav", recording(13, 1))}, data=known).json()
    company.until(lambda: any(each.step == "merge" for each in of(company, "13.wav")))
    company.workers[0].kill()
    company.workers[0].wait()
    company.start()
    done = f"/v1/jobs/{job['id']}"
    company.until(lambda: client.get(done).json()["status"] == "completed")
    speakers = client.get(f"{done}/transcript").json()["speakers"]
    assert speakers[0]["name"] == "Ana"
    assert [each.step for each in of(company, "13.wav")].count("diarize") == 1
    heard = [each.step for each in of(company, "3.wav")]
    assert heard.count("diarize") == 4  # two references of each request, each once


def of(company: Company, name: str) -> list[Begun]:
    return [each for each in company.begun() if each.recording == name]


def test_a_server_without_an_engine_needs_what_it_can_share(tmp_path: Path) -> None:
    with pytest.raises(NoDatabase, match="DATABASE_URL"):
        installation_and_jobs(Settings(quoth_data=tmp_path, engine="none"))


def test_two_stores_on_one_database_are_refused(company: Company, client: TestClient) -> None:
    assert client.get("/health").status_code == 200
    other = company.given.settings.model_copy(
        update={"engine": "none", "store_url": str(company.folder / "other")}
    )
    with pytest.raises(WrongStore, match="STORE_URL"):
        installation_and_jobs(other)
