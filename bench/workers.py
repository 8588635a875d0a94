"""Jobs a second, and how soon a dead worker's job goes on, with one, two and three workers.

python -m bench.workers --json bench/results/workers.json

The engine is a stand-in that waits: what is measured is the queue, the rows and the files.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.fleet.company import Company
from tests.postgres import Postgres, programs, running

COUNTS = (1, 2, 3)
TAKEOVER_SECONDS = 2.0


def jobs_a_second(postgres: Postgres, folder: Path, workers: int, jobs: int) -> float:
    """Return how many jobs are done in a second, all of them waiting before."""
    told = {"step_seconds": 0.2, "concurrency": 4, "takeover_seconds": 10.0}
    with Company(postgres, folder, told) as company:
        for _ in range(workers):
            company.start()
        company.ready(workers)
        began = time.monotonic()
        taken = [company.take_in(5 + number % 3, seed=number) for number in range(jobs)]
        company.done(*taken, seconds=600.0)
        return jobs / (time.monotonic() - began)


def takeover_seconds(
    postgres: Postgres, folder: Path, workers: int, rounds: int
) -> Sequence[float]:
    """Return how long after a worker was killed its job goes on elsewhere, once for each round.

    With one worker, it is started again by its keeper at once.
    """
    told = {"step_seconds": 1.0, "takeover_seconds": TAKEOVER_SECONDS}
    with Company(postgres, folder, told) as company:
        for _ in range(workers):
            company.start()
        return [_takeover(company, workers, number) for number in range(rounds)]


def _takeover(company: Company, workers: int, number: int) -> float:
    company.ready(workers)
    time.sleep(1.5 * TAKEOVER_SECONDS)  # those that just came bury nobody yet
    job = company.take_in(11 + number)  # its length tells it from those of other rounds
    killed = company.worker_of(company.at("transcribe", job))
    killed.kill()
    killed.wait()
    began = time.time()
    company.start()

    def elsewhere() -> list[float]:
        begun = [each for each in company.begun() if each.recording == job.name]
        return [each.at for each in begun if each.pid != killed.pid]

    company.until(lambda: bool(elsewhere()))
    took = min(elsewhere()) - began
    company.done(job)
    return took


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    found = programs()
    if found is None:
        sys.exit("Postgres is missing: sudo apt install postgresql")
    rows: list[dict[str, Any]] = []
    load, began = os.getloadavg()[0], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="quoth-workers-") as place, running(found) as postgres:
        for workers in COUNTS:
            folder = Path(place) / str(workers)
            speed = jobs_a_second(postgres, folder / "speed", workers, given.jobs)
            taken = takeover_seconds(postgres, folder / "takeover", workers, given.rounds)
            rows.append(
                {
                    "workers": workers,
                    "jobs_per_second": round(speed, 2),
                    "takeover_seconds_median": round(statistics.median(taken), 2),
                    "takeover_seconds_most": round(max(taken), 2),
                }
            )
            sys.stdout.write(json.dumps(rows[-1]) + "\n")
            sys.stdout.flush()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    told = {
        "command": f"python -m bench.workers --jobs {given.jobs} --rounds {given.rounds}",
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
        "wall_seconds": round(time.monotonic() - began),
        "takeover_seconds_setting": TAKEOVER_SECONDS,
        "jobs": given.jobs,
        "step_seconds": 0.2,
        "rows": rows,
    }
    if given.json is not None:
        given.json.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
