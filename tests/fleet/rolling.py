"""Restarts workers one after the other while jobs come in, and looks whether any job is lost.

nice python -m tests.fleet.rolling --restarts 100     # writes bench/results/rolling-restarts.json
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from quoth.bootstrap.fleet import GIVEN_UP
from quoth.domain.jobs import Job, JobStatus
from quoth.domain.transcript import Transcript
from quoth.use_cases.requests import TranscriptionRequest
from tests.crashes.engines import recording
from tests.fleet.company import Company
from tests.fleet.process import engines
from tests.postgres import programs, running

RESULT = Path(__file__).parents[2] / "bench" / "results" / "rolling-restarts.json"
WORKERS = 3
IN_FLIGHT = 4
WAYS = (signal.SIGTERM, signal.SIGKILL)
SHORTEST_SECONDS = 5
START_SECONDS = 180.0
"""A machine that does much else takes long to start a process."""
TOLD = {"step_seconds": 0.3, "takeover_seconds": 2.0, "drain_seconds": 0.5}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of restarts.

    Args:
        restarts: of workers, by SIGTERM and SIGKILL.
        jobs: taken in meanwhile.
        lost: those that did not complete.
        differing: those whose transcript is not that of an undisturbed run.
        begun_again: steps that began once more after they were recorded as done.
        taken_over: jobs that more than one process worked on.
        bad_ends: workers told to stop that ended otherwise than with 0, or as declared dead: a
            machine that does much else may starve one for so long.
    """

    restarts: int
    jobs: int
    lost: int
    differing: int
    begun_again: int
    taken_over: int
    bad_ends: int

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled or different."""
        return not (self.lost or self.differing or self.begun_again or self.bad_ends)


def roll(
    company: Company,
    restarts: int,
    seed: int = 0,
    tell: Callable[[str], object] = lambda _: None,
) -> Outcome:
    """Restart workers while jobs come in.

    Args:
        company: has no worker yet.
        restarts: how many.
        seed: of when and how.
        tell: called after each with how far it is.
    """
    chance = random.Random(seed)  # noqa: S311 - to repeat what happened
    there = [company.start() for _ in range(WORKERS)]
    company.ready(WORKERS)
    jobs: list[Job] = []
    bad_ends = 0
    for number in range(restarts):
        while (
            sum(not company.job(job).status.is_final for job in jobs[-2 * IN_FLIGHT :]) < IN_FLIGHT
        ):
            # Each has a length of its own, by which the book of the engines tells them apart.
            jobs.append(company.take_in(SHORTEST_SECONDS + len(jobs), seed=len(jobs)))
        time.sleep(chance.uniform(0.0, 1.0))
        ended, way = there.pop(0), chance.choice(WAYS)
        ended.send_signal(way)
        bad_ends += ended.wait(30) not in (0, -signal.SIGKILL, GIVEN_UP)
        there.append(company.start())
        company.until(lambda: "Taking jobs" in company.log(len(company.workers) - 1), START_SECONDS)
        tell(f"{number + 1}/{restarts} restarts, {len(jobs)} jobs, {bad_ends} bad ends")
    company.until(lambda: all(company.job(job).status.is_final for job in jobs), 120.0)
    ends = [company.job(job) for job in jobs]
    return Outcome(
        restarts=restarts,
        jobs=len(jobs),
        lost=sum(job.status is not JobStatus.COMPLETED for job in ends),
        differing=sum(_differs(company, job, number) for number, job in enumerate(jobs)),
        begun_again=len(company.begun_again()),
        taken_over=sum(job.lease > 1 for job in ends),
        bad_ends=bad_ends,
    )


def _differs(company: Company, job: Job, seed: int) -> bool:
    found = company.files.transcript(job.id)
    return found is None or _words(found) != _words(_undisturbed(company, job, seed))


def _undisturbed(company: Company, job: Job, seed: int) -> Transcript:
    """Return what the same engines make of the same recording in one go."""
    hands = engines(company.quick)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(recording(round(float(job.name.partition(".")[0])), seed))
        return hands.transcribe()(TranscriptionRequest(source), Path(folder)).transcript


def _words(transcript: Transcript) -> list[tuple[str, str | None]]:
    return [(word.text, word.speaker) for word in transcript.words]


def _tell(how_far: str) -> None:
    """Keep a line on a terminal up to date; elsewhere begin a new one each time."""
    sys.stderr.write(f"\r{how_far}" if sys.stderr.isatty() else f"{how_far}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 1 if anything was lost, doubled or different."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=RESULT)
    given = parser.parse_args(arguments)
    folder = programs()
    if folder is None:
        sys.stderr.write("Postgres is missing: sudo apt install postgresql\n")
        return 2
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="quoth-rolling-") as place,
        running(folder) as postgres,
        Company(postgres, Path(place), dict(TOLD)) as company,
    ):
        outcome = roll(company, given.restarts, given.seed, _tell)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    told = {
        "command": f"python -m tests.fleet.rolling --restarts {given.restarts}",
        "commit": commit.stdout.strip(),
        "cores": os.cpu_count(),
        "workers": WORKERS,
        "seed": given.seed,
        "wall_seconds": round(time.monotonic() - began),
        **TOLD,
        **asdict(outcome),
    }
    given.output.write_text(json.dumps(told, indent=2) + "\n")
    sys.stdout.write(json.dumps(told) + "\n")
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
