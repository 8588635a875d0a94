"""`quoth serve` and `quoth worker` as a user starts them, several on one database and one store."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.service.conftest import ServeProcess, read_log


@dataclass
class Programs:
    """Starts them, and ends them all.

    Args:
        folder: a data folder for each is made in it.
        shared: what the environment of all says.
    """

    folder: Path
    shared: Mapping[str, str]
    started: list[ServeProcess] = field(default_factory=list)

    def serve(self, **told: str) -> ServeProcess:
        """Start a server without an engine; it answers when its `url` is known."""
        return self._start("serve", "--port", "0", ENGINE="none", **told)

    def worker(self, **told: str) -> ServeProcess:
        """Start a worker."""
        return self._start("worker", **told)

    def kill(self, program: ServeProcess) -> None:
        """End one as a machine without power does."""
        program.process.kill()
        program.process.wait()

    def end(self) -> None:
        """End all of them."""
        for program in self.started:
            program.process.kill()
        for program in self.started:
            program.process.wait()
            program.reader.join()
            assert program.process.stdout is not None
            program.process.stdout.close()

    def _start(self, *arguments: str, **told: str) -> ServeProcess:
        data = self.folder / f"program-{len(self.started)}"
        process = subprocess.Popen(
            [sys.executable, "-m", "quoth.cli", *arguments],
            env=os.environ | {"QUOTH_DATA": str(data), **self.shared, **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(read_log(process, data))
        return self.started[-1]


@contextmanager
def programs(folder: Path, shared: Mapping[str, str]) -> Iterator[Programs]:
    """Give what starts programs, and end them afterwards."""
    running = Programs(folder, shared)
    try:
        yield running
    finally:
        running.end()
