"""Webhooks and shares of `quoth serve` as a user starts it."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.receiver import Answer, Receiver, receiving
from tests.service.conftest import ServeProcess, StartServe

pytestmark = pytest.mark.slow

SPEECH = Path(__file__).parents[2] / "quoth" / "bootstrap" / "self-test.ogg"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def post(serving: ServeProcess, webhook_url: str) -> str:
    answer = httpx.post(
        f"{serving.url}/v1/jobs",
        data={"webhook_url": webhook_url},
        files={"file": (SPEECH.name, SPEECH.read_bytes())},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_a_webhook_comes_although_the_server_was_killed_after_the_first_try_failed(
    start_serve: StartServe, receiver: Receiver
) -> None:
    receiver.answers.append(Answer(503))
    first = start_serve(WEBHOOK_ALLOW_PRIVATE="true")
    job_id = post(first, receiver.url)
    receiver.wait(1, seconds=120)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(20)
    start_serve(WEBHOOK_ALLOW_PRIVATE="true", QUOTH_DATA=str(first.data))
    receiver.wait(2, seconds=60)
    secret = (first.data / "webhook-secret").read_text().strip()
    told = [got.verified(secret) for got in receiver.got]
    assert {each["data"]["id"] for each in told} == {job_id}
    assert {got.headers["webhook-id"] for got in receiver.got} == {f"{job_id}.1"}


def test_the_log_of_a_server_shows_no_token_and_no_secret(start_serve: StartServe) -> None:
    serving = start_serve()
    job_id = post(serving, "")
    made = httpx.post(f"{serving.url}/v1/jobs/{job_id}/shares").json()
    assert httpx.get(f"{serving.url}{made['path']}").status_code == 200
    httpx.get(f"{serving.url}{made['path']}/nonsense")
    deadline = time.monotonic() + 10
    while not any("/v1/shares/[token]/nonsense" in line for line in serving.log):
        assert time.monotonic() < deadline, serving.log
        time.sleep(0.05)
    log = "".join(serving.log)
    assert made["token"] not in log
    assert (serving.data / "webhook-secret").read_text().strip() not in log
