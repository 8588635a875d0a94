"""The server while its engine is killed, stopped, or left without anybody to answer."""

import signal
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.service.conftest import ServeProcess, StartServe

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "podcast.mp3"


def post_in_background(serving: ServeProcess) -> tuple[threading.Thread, list[httpx.Response]]:
    answers: list[httpx.Response] = []
    thread = threading.Thread(
        target=lambda: answers.append(serving.post(EXAMPLE, response_format="diarized_json"))
    )
    thread.start()
    return thread, answers


def test_a_killed_engine_costs_that_request_and_no_other(serving: ServeProcess) -> None:
    thread, answers = post_in_background(serving)
    engine = serving.engine()
    time.sleep(2)
    engine.send_signal(signal.SIGKILL)
    thread.join(30)
    assert answers[0].status_code == 500
    assert answers[0].json()["error"]["code"] == "engine_died"
    assert "SIGKILL" in answers[0].json()["error"]["message"]
    assert serving.post(EXAMPLE, language="en").status_code == 200
    assert serving.left_on_disk() == []


def test_a_client_who_leaves_frees_a_stopped_engine(start_serve: StartServe) -> None:
    serving = start_serve(MAX_CONCURRENT="1")
    assert serving.url
    stop = threading.Timer(1, lambda: serving.engine().send_signal(signal.SIGSTOP))
    stop.start()
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{serving.url}/v1/audio/transcriptions",
            files={"file": EXAMPLE.read_bytes()},
            timeout=httpx.Timeout(10, read=3),
        )
    time.sleep(2.5)
    answer = serving.post(EXAMPLE, language="en")
    assert answer.status_code == 200
    assert serving.left_on_disk() == []


def test_health_says_whether_the_engine_is_in_memory(start_serve: StartServe) -> None:
    serving = start_serve(IDLE_UNLOAD_SECONDS="1")
    assert httpx.get(f"{serving.url}/health").json()["loaded"] is False
    assert serving.post(EXAMPLE, language="en").status_code == 200
    engine = serving.engine()
    assert httpx.get(f"{serving.url}/health").json()["loaded"] is True
    psutil.wait_procs([engine], timeout=5)
    assert httpx.get(f"{serving.url}/health").json()["loaded"] is False


def test_stopping_the_server_in_the_middle_of_work_leaves_nothing(
    start_serve: StartServe,
) -> None:
    serving = start_serve()
    assert serving.url
    thread, _ = post_in_background(serving)
    engine = serving.engine()
    time.sleep(1)
    serving.process.terminate()
    assert serving.process.wait(15) is not None
    _, alive = psutil.wait_procs([engine], timeout=5)
    assert alive == []
    assert serving.left_on_disk() == []
    thread.join(10)
