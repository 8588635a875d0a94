"""What search costs as transcripts pile up: taking one in, changing a word, finding, deleting.

python -m bench.search_index --jobs 10000 --words 5000 --json bench/results/search-index.json
"""

import argparse
import json
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.ports.jobs import JobFilter

VOCABULARY = 60_000
TRIES = 20


def main() -> None:
    """Fill a database, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=5_000, help="of a transcript: half an hour")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    chance = random.Random(1)  # noqa: S311 - words, not secrets
    with tempfile.TemporaryDirectory(prefix="quoth-search-") as folder:
        path = Path(folder) / "jobs.sqlite"
        store = SqlJobStore(open_database(sqlite_url(path)))
        jobs = [a_job(number) for number in range(given.jobs)]
        taking = [seconds_of(take_in, store, job, speech(chance, given.words)) for job in jobs]
        text = speech(chance, given.words)
        store.index(jobs[0].id, text)
        figures = {
            "take_in": milliseconds(taking[-1000:]),
            "change_a_word": milliseconds(
                [seconds_of(store.index, jobs[0].id, f"{text} x{n}") for n in range(TRIES)]
            ),
            "find": milliseconds(
                [seconds_of(find, store, f"w{chance.randrange(2000)} w1{n}") for n in range(TRIES)]
            ),
            "delete": milliseconds(
                [seconds_of(store.delete, job.id) for job in chance.sample(jobs, TRIES)]
            ),
        }
        report = {
            "command": " ".join(["python -m bench.search_index", *sys.argv[1:]]),
            "jobs": given.jobs,
            "words_each": given.words,
            "distinct_words_each": len(set(text.split())),
            "database_mb": round(path.stat().st_size / 1e6),
            "sqlite": sqlite3.sqlite_version,
            "machine": platform.processor() or platform.machine(),
            "milliseconds": figures,
        }
    shown = json.dumps(report, indent=2)
    sys.stdout.write(f"{shown}\n")
    if given.json:
        given.json.write_text(f"{shown}\n")


def a_job(number: int) -> Job:
    """Return a job that waits."""
    return Job(
        id=uuid.uuid4().hex,
        owner=LOCAL_OWNER,
        name=f"Recording {number}.mp3",
        status=JobStatus.QUEUED,
        options=JobOptions(),
        created=float(number),
        seconds=1800.0,
        size_bytes=1,
        queue="long",
        priority=number,
    )


def speech(chance: random.Random, words: int) -> str:
    """Return words of which some are frequent and most are rare, as people's are."""
    ranks = (int(VOCABULARY ** chance.random()) for _ in range(words))
    return " ".join(f"w{rank}" for rank in ranks)


def take_in(store: SqlJobStore, job: Job, text: str) -> None:
    """Write a job down and index its transcript."""
    store.add(job, None, "")
    store.index(job.id, text)


def find(store: SqlJobStore, words: str) -> None:
    """Ask for a page of jobs."""
    store.find(LOCAL_OWNER, JobFilter(text=words))


def seconds_of(work: Callable[..., object], *arguments: object) -> float:
    """Return how long something takes."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def milliseconds(seconds: list[float]) -> dict[str, float]:
    """Return what is usual and what is worst."""
    return {
        "median": round(1000 * statistics.median(seconds), 1),
        "most": round(1000 * max(seconds), 1),
    }


if __name__ == "__main__":
    main()
