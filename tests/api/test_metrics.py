"""`GET /metrics` of a real server, read by Prometheus's own parser."""

import socket
import time
from collections.abc import Callable

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.domain.gpus import Gpu, GpuMemory
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer
from tests.api.test_jobs import finished, post

PRIVATE = "zylophant"
PATIENCE_SECONDS = 10.0
REQUESTS = "quoth_http_request_seconds_count"


class Numbers:
    """What a server tells, at one moment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def __call__(self, name: str, **labels: str) -> float | None:
        """Return the sum of all samples with that name and these labels; None for none."""
        values = [
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(values) if values else None


def numbers(server: RunningServer) -> Numbers:
    answer = httpx.get(f"{server.url}/metrics").raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return Numbers(answer.text)


def wait_for(server: RunningServer, is_true: Callable[[Numbers], bool]) -> Numbers:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true(found := numbers(server)):
        assert time.monotonic() < deadline, found.text
        time.sleep(0.02)
    return found


def transcribe(server: RunningServer, name: str = "a.wav", **fields: str) -> httpx.Response:
    url = f"{server.url}/v1/audio/transcriptions"
    return httpx.post(url, files={"file": (name, b"sound")}, data=fields)


def test_requests_count_by_template_and_status(server: RunningServer) -> None:
    assert transcribe(server).status_code == 200
    assert transcribe(server, response_format="nonsense").status_code == 400
    assert httpx.get(f"{server.url}/v1/jobs/{PRIVATE}").status_code == 404
    found = numbers(server)
    route = "/v1/audio/transcriptions"
    assert found(REQUESTS, method="POST", route=route, status="200") == 1
    assert found(REQUESTS, method="POST", route=route, status="400") == 1
    assert found(REQUESTS, method="GET", route="/v1/jobs/{job_id}", status="404") == 1
    assert found("quoth_http_requests_in_progress") == 1  # the one that asks


def test_addresses_and_methods_nobody_foresaw_share_one_label(server: RunningServer) -> None:
    for number in range(3):
        httpx.get(f"{server.url}/{PRIVATE}/{number}")
        httpx.request(f"{PRIVATE}{number}".upper(), f"{server.url}/{PRIVATE}")
    found = numbers(server)
    assert found(REQUESTS, route="other", status="404") == 3
    assert found(REQUESTS, route="other", status="403") == 3  # none that anybody may use
    assert PRIVATE not in found.text.lower()


def test_a_request_turned_away_before_its_route_counts(server: RunningServer) -> None:
    refused = httpx.get(f"{server.url}/health", headers={"Host": f"{PRIVATE}.example"})
    assert refused.status_code == 403
    assert numbers(server)(REQUESTS, route="other", status="403") == 1


def test_no_label_holds_names_text_or_tokens(server: RunningServer) -> None:
    job = post(server, (f"{PRIVATE}.wav", b"sound"), prompt=PRIVATE).json()
    finished(server, job["id"])
    transcribe(server, f"{PRIVATE}.wav", prompt=PRIVATE)
    httpx.get(f"{server.url}/v1/shares/{PRIVATE}")
    text = numbers(server).text
    assert PRIVATE not in text
    assert job["id"] not in text
    assert "word0" not in text


def test_a_job_is_counted_with_its_steps_and_its_speed(server: RunningServer) -> None:
    finished(server, post(server).json()["id"])
    found = wait_for(server, lambda now: now("quoth_jobs_ended_total", status="completed") == 1)
    assert found("quoth_jobs_audio_seconds_total") == 20
    assert found("quoth_job_rtfx_count") == 1
    for step in ("decode", "transcribe", "diarize", "merge"):
        assert found("quoth_job_step_seconds_count", step=step) == 1


def test_the_queue_is_told_in_jobs_and_in_seconds_of_audio(start_server: StartServer) -> None:
    slow = FakeRecognisers(transcriber=FakeTranscriber(seconds_per_window=1.0))
    server = start_server(slow)
    jobs = [post(server).json()["id"] for _ in range(4)]
    found = wait_for(server, lambda now: now("quoth_queue_jobs", status="running") == 2)
    assert found("quoth_queue_jobs", status="queued") == 2
    seconds = found("quoth_queue_audio_seconds")
    assert seconds is not None
    assert 40 < seconds <= 80
    for job in jobs:
        finished(server, job)
    found = numbers(server)
    assert found("quoth_queue_jobs") == 0
    assert found("quoth_queue_audio_seconds") == 0


def test_an_upload_counts_while_it_comes(server: RunningServer) -> None:
    head = (
        "POST /v1/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\n"
        "Upload-Length: 1000\r\nContent-Type: application/offset+octet-stream\r\n"
        "Content-Length: 1000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + bytes(10))
        found = wait_for(server, lambda now: now("quoth_uploads_in_progress") == 1)
        assert found("quoth_http_received_bytes_total") == 10
        connection.sendall(bytes(990))
        wait_for(server, lambda now: now("quoth_uploads_in_progress") == 0)
        connection.sendall(head.encode() + bytes(10))
        wait_for(server, lambda now: now("quoth_uploads_in_progress") == 1)
    wait_for(server, lambda now: now("quoth_uploads_in_progress") == 0)


def test_places_for_requests_are_told(start_server: StartServer) -> None:
    server = start_server(max_concurrent=3)
    assert numbers(server)("quoth_synchronous_places", state="free") == 3
    assert numbers(server)("quoth_synchronous_places", state="taken") == 0


def test_the_server_and_its_engine_are_told(server: RunningServer) -> None:
    found = numbers(server)
    assert found("quoth_build_info", engine="fake", model="fake", device="cpu") == 1
    assert found("quoth_engine_loaded") == 1
    assert found("quoth_gpu_memory_bytes") is None


def test_memory_of_a_card_is_told_where_there_is_one(start_server: StartServer) -> None:
    card = Gpu("Card", memory_bytes=24, free_bytes=20, driver="1")
    server = start_server(FakeRecognisers(gpu=card, gpu_memory=GpuMemory(3, 4), is_loaded=False))
    found = numbers(server)
    for kind, held in {"total": 24, "free": 20, "reserved": 3, "peak": 4}.items():
        assert found("quoth_gpu_memory_bytes", kind=kind) == held
    assert found("quoth_engine_loaded") == 0


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=1.0.0", "*/*", ""])
def test_what_prometheus_asks_for_is_what_it_gets(server: RunningServer, accept: str) -> None:
    answer = httpx.get(f"{server.url}/metrics", headers={"Accept": accept}).raise_for_status()
    wanted = "application/openmetrics-text" if accept.startswith("app") else "text/plain"
    assert answer.headers["content-type"].startswith(wanted)
