"""A worker with slow stand-in engines, in a process of its own.

python -m tests.fleet.process '{"url": "postgresql://...", "store": "...", ...}'
"""

import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from quoth.adapters.memory.engines import FakeDiarizer, FakeSpeechDetector, FakeTranscriber
from quoth.bootstrap.fleet import Role, Skills
from quoth.bootstrap.jobs import build_jobs
from quoth.bootstrap.worker import run_until_told
from quoth.config import Settings
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.transcriber import EngineInfo, WindowTask
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import Policy, TranscribeRecording
from tests.crashes.engines import Desk, SlowDecoder, SlowDiarizer, SlowTranscriber
from tests.crashes.points import Book, Hold


@dataclass(frozen=True, slots=True)
class Given:
    """What a worker is told.

    Args:
        url: of Postgres.
        store: the folder of jobs, which all share.
        data: a folder of its own.
        book: where it says what it does.
        step_seconds: how long the work of a step takes.
        model, languages: what it recognises with.
        takeover_seconds, stall_seconds, drain_seconds, concurrency: as the settings of those names.
    """

    url: str
    store: str
    data: str
    book: str
    step_seconds: float = 0.0
    takeover_seconds: float = 2.0
    stall_seconds: float = 60.0
    drain_seconds: float = 10.0
    concurrency: int = 2
    model: str = "fake"
    languages: Sequence[str] = ("en", "de")

    @property
    def settings(self) -> Settings:
        """The settings of the process."""
        return Settings(
            quoth_data=Path(self.data),
            database_url=self.url,
            store_url=self.store,
            takeover_seconds=self.takeover_seconds,
            stall_seconds=self.stall_seconds,
            drain_seconds=self.drain_seconds,
            job_concurrency=self.concurrency,
            webhook_allow_private=True,
        )

    def written(self) -> str:
        """Return it as it is handed over."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class TimedBook(Book):
    """A book that says when something happened, and in which process."""

    def write(self, what: str, step: str, recording: str) -> None:
        Book.write(self, what, step, f"{recording}\t{time.time()}\t{os.getpid()}")


@dataclass(frozen=True, slots=True)
class Hearing:
    """A slow transcriber that says what it is."""

    desk: Desk
    info: EngineInfo

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        return SlowTranscriber(self.desk).transcribe(tasks, progress)


@dataclass(frozen=True, slots=True)
class Engines:
    """Everything that jobs are done with."""

    desk: Desk
    info: EngineInfo

    def transcribe(self, model: str | None = None) -> TranscribeRecording:  # noqa: ARG002
        return TranscribeRecording(
            SlowDecoder(self.desk),
            FakeSpeechDetector(),
            Hearing(self.desk, self.info),
            None,
            SlowDiarizer(self.desk),
            time.monotonic,
            Policy(is_parallel=True),
        )

    def rediarize(self) -> Rediarize:
        return Rediarize(FakeDiarizer())


def engines(given: Given) -> Engines:
    """Return engines that write down when they begin something."""
    info = replace(FakeTranscriber().info, model=given.model, languages=tuple(given.languages))
    return Engines(
        Desk(
            TimedBook(Path(given.book)),
            Hold("", "", 0.0, Path(given.data) / "held"),
            given.step_seconds,
        ),
        info,
    )


def main(argument: str) -> None:
    """Do jobs until told to stop."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    given = Given(**json.loads(argument))
    hands = engines(given)
    skills = Skills((hands.info,), FakeDiarizer().info)
    service = build_jobs(given.settings, hands, role=Role.WORKER, skills=skills)
    run_until_told(service, given.drain_seconds, Path(given.data) / "alive")
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
