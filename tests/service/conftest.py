"""`quoth serve` as a user starts it, with the packaged engine."""

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest


@dataclass
class ServeProcess:
    """A running `quoth serve`."""

    process: "subprocess.Popen[str]"
    data: Path
    log: list[str] = field(default_factory=list)
    reader: threading.Thread = field(default_factory=threading.Thread)

    @property
    def url(self) -> str:
        deadline = time.monotonic() + 90  # three seconds of work, on a machine that has others
        while time.monotonic() < deadline:
            for line in self.log:
                if found := re.search(r"running on (http://\S+)", line):
                    return found[1]
            time.sleep(0.05)
        raise AssertionError("".join(self.log))

    def post(self, file: Path | tuple[str, bytes], **fields: Any) -> httpx.Response:
        upload = file if isinstance(file, tuple) else (file.name, file.read_bytes())
        return httpx.post(
            f"{self.url}/v1/audio/transcriptions",
            data=fields,
            files={"file": upload},
            timeout=120,
        )

    def left_on_disk(self) -> list[Path]:
        """What lies about."""
        files = [path for path in (self.data / "uploads").rglob("*") if path.is_file()]
        return files + list(self.data.glob("work/work-*")) + list(self.data.glob("jobs/*"))

    def engine(self) -> psutil.Process:
        """The inference process."""
        return inference_process(self.process.pid)


def inference_process(parent: int, patience: float = 30.0) -> psutil.Process:
    """Wait for the inference process of a service or a command."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        for child in psutil.Process(parent).children():
            with contextlib.suppress(psutil.Error):  # a decoder that has just ended
                if "quoth.adapters.process.host" in child.cmdline():
                    return child
        time.sleep(0.05)
    raise AssertionError("no inference process")


def read_log(process: "subprocess.Popen[str]", data: Path) -> ServeProcess:
    """Return a running program whose log is kept as it comes."""
    stream = process.stdout
    assert stream is not None
    running = ServeProcess(process, data)
    running.reader = threading.Thread(target=lambda: running.log.extend(stream), daemon=True)
    running.reader.start()
    return running


StartServe = Callable[..., ServeProcess]


@pytest.fixture(scope="module")
def start_serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServe]:
    started: list[ServeProcess] = []

    def start(**environment: str) -> ServeProcess:
        data = tmp_path_factory.mktemp("data")
        process = subprocess.Popen(
            [sys.executable, "-m", "quoth.cli", "serve", "--port", "0"],
            env=os.environ | {"QUOTH_DATA": str(data)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(read_log(process, data))
        return started[-1]

    yield start
    for serving in started:
        serving.process.terminate()
        serving.process.wait(20)
        assert serving.process.stdout is not None
        serving.process.stdout.close()


@pytest.fixture(scope="module")
def serving(start_serve: StartServe) -> ServeProcess:
    """A server shared by the tests of a module."""
    return start_serve(MAX_AUDIO_SECONDS="120")
