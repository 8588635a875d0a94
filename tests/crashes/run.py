"""Runs the crash matrix with as many seeds as wanted, and writes down what came of it.

nice python -m tests.crashes.run --seeds 20     # writes bench/results/crash-matrix.json
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.crashes.matrix import WAYS
from tests.crashes.points import POINTS
from tests.crashes.verdict import Verdict, judge

RESULT = Path(__file__).parents[2] / "bench" / "results" / "crash-matrix.json"


def figures(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return what came of some chains."""
    return {
        "chains": len(verdicts),
        "kills": sum(each.outcome.kills for each in verdicts),
        "jobs": sum(each.outcome.jobs.total() for each in verdicts),
        "jobs_lost": sum(len(each.lost) for each in verdicts),
        "done_twice": sum(len(each.doubled) for each in verdicts),
        "transcripts_that_differ": sum(len(each.different) for each in verdicts),
        "interrupted_engine_calls_begun_again": sum(each.redone for each in verdicts),
        "webhooks_told_again": sum(each.told_again for each in verdicts),
    }


def report(verdicts: Sequence[Verdict], seeds: int, seconds: float) -> dict[str, Any]:
    """Return everything that is written down."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "command": f"python -m tests.crashes.run --seeds {seeds}",
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "seeds": len(verdicts) // len(WAYS),
        "wall_seconds": round(seconds),
        "points": list(POINTS),
        "all": figures(verdicts),
        "ways": {way: figures([each for each in verdicts if each.way == way]) for way in WAYS},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 1 if anything was lost, doubled or different."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--batch", type=int, default=1, help="seeds side by side")
    parser.add_argument("--output", type=Path, default=RESULT)
    given = parser.parse_args(arguments)
    verdicts: list[Verdict] = []
    start = time.monotonic()
    last = given.first + given.seeds
    for first in range(given.first, last, given.batch):
        batch = range(first, min(last, first + given.batch))
        with tempfile.TemporaryDirectory(prefix="quoth-crashes-") as folder:
            found = judge(Path(folder), batch, given.batch * (len(WAYS) + 1))
        sys.stdout.write(f"seeds {batch[0]} to {batch[-1]}: {figures(found)}\n")
        sys.stdout.flush()
        verdicts += found
        told = report(verdicts, given.seeds, time.monotonic() - start)
        given.output.write_text(json.dumps(told, indent=2) + "\n")
    bad = ("jobs_lost", "done_twice", "transcripts_that_differ")
    return 1 if any(told["all"][each] for each in bad) else 0


if __name__ == "__main__":
    sys.exit(main())
