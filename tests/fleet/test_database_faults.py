"""Postgres is stopped, frozen or restarted behind a server: it says so, and nothing is lost."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
import pytest

from tests.crashes.engines import recording
from tests.fleet.company import Company
from tests.fleet.programs import Programs, programs
from tests.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

AWAY_SECONDS = 4.5
ANSWER_SECONDS = 4.0
"""Three, and what a machine that does much else takes."""
RECOVERY_SECONDS = 5.0
ALIVE_SECONDS = 4.0
"""A worker is well though nobody hears its heart: none is to be restarted for a database."""


@contextmanager
def stopped(postgres: Postgres) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


HOW: dict[str, tuple[Callable[[Postgres], Any], float]] = {
    "stopped": (stopped, AWAY_SECONDS),
    "frozen": (Postgres.frozen, AWAY_SECONDS),
    "restarted": (stopped, 0.0),
}


@pytest.fixture
def company(own_postgres: Postgres, tmp_path: Path) -> Iterator[Company]:
    told = {"step_seconds": 1.0, "takeover_seconds": 3.0}
    with Company(own_postgres, tmp_path, told, is_serving=False) as company:
        yield company


@pytest.fixture
def fleet(company: Company, tmp_path: Path) -> Iterator[Programs]:
    shared = {
        "DATABASE_URL": company.given.url,
        "STORE_URL": company.given.store,
        "TAKEOVER_SECONDS": "3",
    }
    with programs(tmp_path / "programs", shared) as running:
        yield running


class Client:
    """Sends recordings, and looks how long each answer takes."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        self.jobs: list[str] = []
        self.longest = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        began = time.monotonic()
        answer = self.http.request(method, path, **sent)
        self.longest = max(self.longest, time.monotonic() - began)
        return answer

    def send(self, seconds: int, key: str) -> httpx.Response:
        file = {"file": (f"{seconds}.wav", recording(seconds, 1))}
        answer = self.ask("POST", "/v1/jobs", files=file, headers={"Idempotency-Key": key})
        if answer.is_success:
            self.jobs.append(answer.json()["id"])
        return answer


def check_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.json()["error"]["code"] == "database_unavailable"
    assert "DATABASE_URL" in answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) <= 5


def listen(url: str, job_id: str, heard: list[str]) -> None:
    """Listen to a job by events until the server ends them."""
    with httpx.stream("GET", f"{url}/v1/jobs/{job_id}/events", timeout=60) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                told = json.loads(line.removeprefix("data:"))
                heard.append(told["status"])


@pytest.mark.parametrize("how", HOW)
def test_requests_are_told_of_a_database_that_is_away_and_nothing_is_lost(
    company: Company, fleet: Programs, own_postgres: Postgres, how: str
) -> None:
    away, seconds = HOW[how]
    server = fleet.serve()
    company.start()
    with Client(server.url) as client:
        assert client.ask("GET", "/health/ready").is_success  # the tables are there by then
        company.ready(1)
        for length in (11, 12, 13):
            assert client.send(length, uuid4().hex).status_code == 202
        heard: list[str] = []
        listener = threading.Thread(target=listen, args=(server.url, client.jobs[-1], heard))
        listener.start()
        company.until(lambda: bool(heard))
        client.longest = 0.0

        key, refusals = uuid4().hex, 0
        with away(own_postgres):
            began = time.monotonic()
            while time.monotonic() - began < seconds:
                check_refused(client.send(14, key))
                check_refused(client.ask("GET", "/v1/jobs"))
                check_refused(client.ask("GET", f"/v1/jobs/{client.jobs[0]}"))
                check_refused(client.ask("GET", "/health/ready"))
                assert client.ask("GET", "/health/live").is_success
                assert "quoth_database_up 0.0" in client.ask("GET", "/metrics").text
                refusals += 1
                time.sleep(0.2)
        assert client.longest < ANSWER_SECONDS
        assert refusals > 1 or not seconds
        heartbeat = (company.folder / "worker-0" / "alive").stat().st_mtime
        assert time.time() - heartbeat < ALIVE_SECONDS

        began = time.monotonic()
        while not (answer := client.send(14, key)).is_success:
            check_refused(answer)
            time.sleep(0.1)
        assert time.monotonic() - began < RECOVERY_SECONDS
        assert "quoth_database_up 1.0" in client.ask("GET", "/metrics").text

        listener.join(60)
        assert heard[-1] == "completed"
        for job_id in client.jobs:
            found: list[Any] = []
            company.until(lambda: _is_over(client, job_id, found))  # noqa: B023 - called here and now
            assert found[-1]["status"] == "completed", found[-1]
            text = client.ask("GET", f"/v1/jobs/{job_id}/transcript", params={"format": "txt"})
            assert "word" in text.text
        assert client.ask("GET", "/v1/jobs").json()["total"] == len(set(client.jobs)) == 4
        assert company.begun_again() == []
        assert company.workers[0].poll() is None


def _is_over(client: Client, job_id: str, found: list[Any]) -> bool:
    found.append(client.ask("GET", f"/v1/jobs/{job_id}").json())
    return found[-1]["status"] not in {"queued", "running"}
