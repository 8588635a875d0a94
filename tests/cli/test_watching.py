"""Watching a folder: what arrives whole is given once."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quoth.cli.watching import watch

SETTLED = 0.3


@pytest.fixture
def stopped() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(params=[False, True], ids=["told by the system", "polling"])
def arrivals(
    request: pytest.FixtureRequest, tmp_path: Path, stopped: threading.Event
) -> Iterator[list[str]]:
    """Watch the folder in a thread; the list grows by what is given."""
    (tmp_path / "first.mp3").write_bytes(b"sound")
    found: list[str] = []

    def work() -> None:
        watching = watch(tmp_path, stopped, polls=request.param, settled_seconds=SETTLED)
        found.extend(path.name for path in watching)

    thread = threading.Thread(target=work)
    thread.start()
    yield found
    stopped.set()
    thread.join(10)


def wait_for(found: list[str], count: int) -> list[str]:
    deadline = time.monotonic() + 15
    while len(found) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return list(found)


def test_what_is_there_and_what_arrives_is_given_once_it_is_whole(
    arrivals: list[str], tmp_path: Path
) -> None:
    assert wait_for(arrivals, 1) == ["first.mp3"]
    with (tmp_path / "second.mp3").open("wb") as file:
        for _ in range(10):
            file.write(b"more sound")
            file.flush()
            time.sleep(0.15)
            assert arrivals == ["first.mp3"]
    assert wait_for(arrivals, 2) == ["first.mp3", "second.mp3"]
    (tmp_path / "results.txt").write_text("not a recording")
    (tmp_path / ".upload.mp3").write_bytes(b"hidden")
    (tmp_path / "empty.mp3").write_bytes(b"")
    time.sleep(1.5)
    assert len(arrivals) == 2


def test_a_recording_that_changed_is_given_again(arrivals: list[str], tmp_path: Path) -> None:
    wait_for(arrivals, 1)
    (tmp_path / "first.mp3").write_bytes(b"another take")
    assert wait_for(arrivals, 2) == ["first.mp3", "first.mp3"]


def test_stopping_ends_it(tmp_path: Path) -> None:
    stopped = threading.Event()
    stopped.set()
    assert list(watch(tmp_path, stopped)) == []
