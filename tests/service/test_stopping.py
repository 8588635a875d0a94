"""A server that is told to stop while somebody watches."""

import threading
import time

import httpx
import pytest

from tests.service.conftest import StartServe

pytestmark = pytest.mark.slow


def test_a_page_that_watches_jobs_does_not_keep_the_server_from_stopping(
    start_serve: StartServe,
) -> None:
    serving = start_serve()
    is_watching, ended = threading.Event(), list[str]()

    def watch() -> None:
        with httpx.stream("GET", f"{serving.url}/v1/jobs/events", timeout=30) as response:
            is_watching.set()
            ended.extend(response.iter_lines())
            ended.append("in order")

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert is_watching.wait(30)
    began = time.monotonic()
    serving.process.terminate()
    serving.process.wait(20)
    watcher.join(10)
    assert time.monotonic() - began < 4
    assert ended[-1] == "in order"
    assert not [line for line in serving.log if "Traceback" in line]
