"""Servers without an engine, as a user starts them, beside workers with stand-in engines."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.crashes.engines import recording
from tests.fleet.company import Company
from tests.fleet.programs import Programs, programs
from tests.postgres import Postgres
from tests.receiver import SECRET, Answer, Receiver, receiving
from tests.service.conftest import ServeProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def company(postgres: Postgres, tmp_path: Path) -> Iterator[Company]:
    with Company(postgres, tmp_path, {"takeover_seconds": 2.0}, is_serving=False) as company:
        yield company


@pytest.fixture
def fleet(company: Company, tmp_path: Path) -> Iterator[Programs]:
    shared = {
        "DATABASE_URL": company.given.url,
        "STORE_URL": company.given.store,
        "TAKEOVER_SECONDS": "2",
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }
    with programs(tmp_path / "programs", shared) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM])
def test_a_webhook_that_a_server_died_over_is_sent_by_another(
    company: Company, fleet: Programs, receiver: Receiver, way: signal.Signals
) -> None:
    receiver.answers.append(Answer(seconds=0.5))  # of 40 bytes: the server dies before the last
    one = fleet.serve()
    servers = {_name(company, one): one}
    other = fleet.serve()
    servers[_name(company, other)] = other
    company.start()
    made = httpx.post(
        f"{one.url}/v1/jobs",
        data={"webhook_url": receiver.url},
        files={"file": ("a.wav", recording(11, 1))},
    )
    assert made.status_code == 202, made.text
    job_id = made.json()["id"]
    receiver.wait(1, seconds=60)
    sender = servers[company.ask(_WEBHOOK.format("executor_id", "PENDING"))]
    sender.process.send_signal(way)
    assert sender.process.wait(20) == (-way if way == signal.SIGKILL else 0)
    began = time.monotonic()
    receiver.wait(2, seconds=30)
    assert time.monotonic() - began < 15

    told = [got.verified(SECRET) for got in receiver.got]
    assert {each["data"]["id"] for each in told} == {job_id}
    assert {got.headers["webhook-id"] for got in receiver.got} == {f"{job_id}.1"}
    company.until(lambda: company.ask(_WEBHOOK.format("count(*)", "SUCCESS")) == 1)
    assert company.ask(_WEBHOOK.format("count(*)", "PENDING")) == 0
    assert len(receiver.got) == 2


_WEBHOOK = "SELECT {} FROM dbos.workflow_status WHERE name = 'quoth.webhook' AND status = '{}'"


def _name(company: Company, server: ServeProcess) -> str:
    """Return what the server that was started last is called among others."""
    assert httpx.get(f"{server.url}/health").is_success
    return str(company.ask("SELECT id FROM quoth_workers ORDER BY started DESC LIMIT 1"))
