"""A client that is cut off asks again, and gets the work that is under way."""

import socket
import threading
import time
from typing import Any

import httpx
import pytest

from quoth.adapters.memory.engines import FakeTranscriber
from tests.api.conftest import FakeRecognisers, RunningServer, StartServer

SECONDS = 1.5
BODY = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    b"the bytes\r\n--x--\r\n"
)


@pytest.fixture
def slow(start_server: StartServer) -> RunningServer:
    transcriber = FakeTranscriber(seconds_per_window=SECONDS)
    return start_server(FakeRecognisers(transcriber=transcriber), max_concurrent=1)


def ask(server: RunningServer, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/audio/transcriptions",
        content=BODY,
        headers={"Content-Type": "multipart/form-data; boundary=x", **headers},
        timeout=30,
    )


def ask_and_leave(server: RunningServer, **headers: str) -> None:
    """Send a request, wait until it is worked on, and hang up."""
    before = len(server.recognisers.transcriber.batches)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("localhost", server.port)) as connection:
        connection.sendall(
            b"POST /v1/audio/transcriptions HTTP/1.1\r\n"
            + f"Host: localhost:{server.port}\r\n{lines}".encode()
            + f"Content-Length: {len(BODY)}\r\n".encode()
            + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
            + BODY
        )
        deadline = time.monotonic() + 10
        while len(server.recognisers.transcriber.batches) == before:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    time.sleep(0.2)  # the server has to hear of it


def batches(server: RunningServer) -> int:
    return len(server.recognisers.transcriber.batches)


def test_who_was_cut_off_and_asks_again_gets_the_work_under_way(slow: RunningServer) -> None:
    ask_and_leave(slow)
    response = ask(slow)
    assert response.json()["text"].startswith("word0")
    assert batches(slow) == 1
    assert slow.left_on_disk() == []


def test_who_asks_again_when_it_is_done_gets_what_came_of_it(slow: RunningServer) -> None:
    ask_and_leave(slow)
    time.sleep(SECONDS + 1.0)
    started = time.monotonic()
    assert ask(slow).status_code == 200
    assert time.monotonic() - started < SECONDS
    assert batches(slow) == 1


def test_another_request_gets_no_part_of_it(start_server: StartServer) -> None:
    transcriber = FakeTranscriber(seconds_per_window=SECONDS)
    server = start_server(FakeRecognisers(transcriber=transcriber))
    ask_and_leave(server)
    assert ask(server, **{"Idempotency-Key": "mine"}).status_code == 200
    assert batches(server) == 2


def test_two_who_ask_for_the_same_at_once_wait_for_the_same(slow: RunningServer) -> None:
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(slow, **{"Idempotency-Key": "k"})))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text.strip() for answer in answers}) == 1
    assert batches(slow) == 1


def test_a_named_request_is_not_done_twice_even_when_it_was_answered(slow: RunningServer) -> None:
    named = {"Idempotency-Key": "once"}
    assert ask(slow, **named).text == ask(slow, **named).text
    assert batches(slow) == 1
    assert ask(slow).status_code == 200
    assert batches(slow) == 2


def test_what_nobody_waits_for_ends_when_its_time_is_over(start_server: StartServer) -> None:
    transcriber = FakeTranscriber(seconds_per_window=30.0)
    server = start_server(
        FakeRecognisers(transcriber=transcriber), max_concurrent=1, abandoned_seconds=0.5
    )
    ask_and_leave(server)
    deadline = time.monotonic() + 10
    while server.left_on_disk():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_nobody_waits_for_makes_room_for_who_does(start_server: StartServer) -> None:
    transcriber = FakeTranscriber(seconds_per_window=30.0)
    server = start_server(FakeRecognisers(transcriber=transcriber), max_concurrent=1)
    ask_and_leave(server)
    transcriber.seconds_per_window = 0.0
    assert ask(server, **{"Idempotency-Key": "other"}).status_code == 200


def test_a_client_that_would_rather_not_wait_gets_a_job(slow: RunningServer) -> None:
    response = ask(slow, Prefer="respond-async, wait=10")
    assert response.status_code == 202
    assert response.headers["preference-applied"] == "respond-async"
    job = httpx.get(slow.url + response.headers["location"]).json()
    assert (job["id"], job["name"]) == (response.json()["id"], "a.wav")
    assert job["diarize"] is False
