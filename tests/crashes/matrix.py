"""Kills a server at every point of a job's life, one life after the other, and looks what is left.

One recording is marked: each life of the server is ended when that one's job is at the next point.
Another was acknowledged before and has its own way to go meanwhile. Every point is met once in a
chain of lives, and there is a chain for each way to end one.
"""

import multiprocessing
import os
import random
import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import httpx

from tests.crashes.engines import PIECES, name_of, recording
from tests.crashes.points import BESIDE, FOR_EVER, INTAKE, Book, Hold, points
from tests.crashes.server import Life, live

MARKED, OTHER = 40, 7
"""Seconds of the recording that every step is interrupted for, and of one beside it."""
COMING_IN = dict(zip(INTAKE, (9, 10, 11), strict=True))
"""Seconds of recordings that come in when the server ends: one for each point there is then."""
NOWHERE = "nowhere"
STEP_SECONDS = 0.15
PATIENCE_SECONDS = 60.0
HANGING_SECONDS = 0.1
LINGERING_SECONDS = 0.3
"""How long a request is held up in a server that is told to end, which waits for it."""
WAYS = ("SIGKILL", "SIGTERM", "hang")


def servers() -> ForkServerContext:
    """Return what starts a server within a tenth of a second: its imports are made once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crashes.server"])
    return context


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left at the end of a chain.

    Args:
        transcripts: bytes by name of recording.
        kills: how often the server was ended.
        begun: engine calls, by recording and step.
        done_twice: steps whose engine was called after they were done.
        told: webhooks, by recording.
        jobs: states of all jobs, by name of recording.
        folders: how many jobs have a folder.
    """

    transcripts: dict[str, bytes]
    kills: int
    begun: Counter[str]
    done_twice: Sequence[str]
    told: Counter[str]
    jobs: Counter[str]
    folders: int


@dataclass
class Chain:
    """Lives of one server, each ended in the same way.

    Args:
        folder: for everything.
        way: one of `WAYS`.
        seed: of recordings, of how far steps are when they are interrupted, and of the mode.
        points: where it is ended, in the order in which a job comes by; None for everywhere.
    """

    folder: Path
    way: str
    seed: int
    points: Sequence[str] | None = None
    kills: int = 0
    port: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.chance = random.Random(f"{self.seed} {self.way}")  # noqa: S311 - to be repeated
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.book = Book(self.folder / "book")
        self._acknowledged: set[int] = set()
        self._client = httpx.Client(verify=False)  # noqa: S501 - loopback; a context costs 50 ms

    def run(self) -> Outcome:
        """End the server at every point, then let it finish."""
        with self._client:
            return self._run()

    def _run(self) -> Outcome:
        met = points(is_parallel=self.is_parallel) if self.points is None else self.points
        for number, point in enumerate(met):
            with self._life(number, point) as (process, hold):
                for seconds in (OTHER, self._marked(point))[number > 0 :]:
                    if seconds not in self._acknowledged:
                        self._send(seconds, hold)
                self._wait(process, hold.reached.exists, point)
                self._end(process, point)
        with self._life(len(met), NOWHERE) as (process, hold):
            for seconds in (OTHER, MARKED, *COMING_IN.values()):
                self._send(seconds, hold)
            self._wait(process, self._is_all_done, "the end")
            return self._outcome()

    @staticmethod
    def _marked(point: str) -> int:
        """Return the recording that is held up at a point."""
        return COMING_IN.get(point, MARKED)

    @property
    def is_parallel(self) -> bool:
        """Whether words and speakers are worked on side by side."""
        return self.seed % 2 == 0

    @contextmanager
    def _life(self, number: int, point: str) -> Iterator[tuple[ForkServerProcess, Hold]]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        is_waited_for = self.way == "SIGTERM" and point in INTAKE
        aside = BESIDE.get(point) if self.is_parallel else None
        hold = Hold(
            point,
            name_of(self._marked(point)),
            LINGERING_SECONDS if is_waited_for else FOR_EVER,
            self.folder / f"reached-{number}",
            aside,
            self.chance.randrange(PIECES),
        )
        data = self.folder / "data"
        life = Life(data, self.port, hold, self.book, self.is_parallel, STEP_SECONDS)
        process = servers().Process(target=live, args=(life,))
        process.start()
        try:
            yield process, hold
        finally:
            process.kill()
            process.join()

    def _send(self, seconds: int, hold: Hold) -> None:
        """Send a recording until it is acknowledged, or the server is where it will be ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not hold.reached.exists():
            assert time.monotonic() < deadline, self._log()
            try:
                answer = self._client.post(
                    f"http://127.0.0.1:{self.port}/v1/jobs",
                    data={"webhook_url": "http://127.0.0.1:9/told", "language": "en"},
                    files={"file": (name_of(seconds), recording(seconds, self.seed))},
                    headers={"idempotency-key": f"key {seconds}"},
                    timeout=0.5,
                )
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                assert answer.status_code == 202, answer.text
                self._acknowledged.add(seconds)
                return

    def _end(self, process: ForkServerProcess, point: str) -> None:
        assert process.pid is not None
        first = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "hang": signal.SIGSTOP}
        os.kill(process.pid, first[self.way])
        if self.way == "hang":
            time.sleep(HANGING_SECONDS)
            process.kill()
        process.join(PATIENCE_SECONDS)
        assert (process.exitcode == 0) == (self.way == "SIGTERM"), (point, self._log())
        self.kills += 1

    def _wait(self, process: ForkServerProcess, is_there: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_there():
            assert process.is_alive(), (what, self._log())
            assert time.monotonic() < deadline, (what, self._log(), self.book.entries())
            time.sleep(0.02)

    def _jobs(self) -> list[dict[str, str]]:
        answer = self._client.get(f"http://127.0.0.1:{self.port}/v1/jobs").json()
        found: list[dict[str, str]] = answer["data"]
        return found

    def _is_all_done(self) -> bool:
        time.sleep(0.1)
        jobs = self._jobs()
        assert all(job["status"] in {"queued", "running", "completed"} for job in jobs), self._log()
        told = {each.recording for each in self.book.entries() if each.what == "told"}
        return len(told) == len(jobs) and all(job["status"] == "completed" for job in jobs)

    def _outcome(self) -> Outcome:
        jobs, folder = self._jobs(), self.folder / "data" / "jobs"
        return Outcome(
            {job["name"]: (folder / job["id"] / "transcript.json").read_bytes() for job in jobs},
            self.kills,
            self.book.count("begin"),
            self.book.done_twice(),
            self.book.count("told"),
            Counter(f"{job['name']} {job['status']}" for job in jobs),
            len(list(folder.iterdir())),
        )

    def _log(self) -> str:
        path = self.folder / "data.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return "\n".join([line for line in lines if '"GET ' not in line][-50:])
