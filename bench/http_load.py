"""How much HTTP Quoth takes on: requests, durable jobs and uploads, with engines that cost nothing.

    python bench/http_load.py [--json bench/results/http-2-cores.json] [--quick]

A real server (`http_server.py`) and its clients (`http_client.py`) are processes of their own on
this machine, so they share its cores: each run says what of the processor both took. "client alone"
is the same client in front of something that only answers, which is the most it could do. Where
others work on the machine, too (`load_before`), `per_server_cpu_s` is what can be compared. Prints
JSON; ends with an error if any answer is not the expected one. The picture is drawn by

    python bench/http_plot.py bench/results/http-2-cores.json
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from quoth.evaluation.machine import commit, describe_machine

HERE = Path(__file__).parent
MB = 1_000_000
CLIP_BYTES = 320_044
"""Ten seconds as WAV: 16 kHz, mono, 16 bits."""
LOOK_SECONDS = 0.05
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """One kind of load.

    Args:
        kind: what the clients do.
        clients: how many at once.
        count: how often in all, in each round.
        size: bytes of each recording.
        rounds: how often it is measured; the first is not counted where there are more than one.
    """

    kind: str
    clients: int
    count: int
    size: int
    rounds: int = 1


RUNS = {
    "synchronous": Run("transcriptions", 16, 800, CLIP_BYTES, rounds=4),
    "durable jobs": Run("jobs", 16, 150, CLIP_BYTES, rounds=3),
    "64 uploads at once by tus": Run("uploads", 64, 64, 20 * MB, rounds=2),
    "64 uploads at once as forms": Run("forms", 64, 64, 20 * MB, rounds=2),
}
QUICK = {
    "synchronous": Run("transcriptions", 4, 20, CLIP_BYTES),
    "durable jobs": Run("jobs", 4, 8, CLIP_BYTES),
    "64 uploads at once by tus": Run("uploads", 8, 8, MB),
    "64 uploads at once as forms": Run("forms", 8, 8, MB),
}
ALONE = Run("transcriptions", 16, 2000, CLIP_BYTES)

AIMS = (
    ("synchronous", "per_s", 150.0, "at least"),
    ("synchronous", "p95_ms", 100.0, "at most"),
    ("durable jobs", "per_s", 20.0, "at least"),
    ("64 uploads at once by tus", "errors", 0, "at most"),
    ("64 uploads at once as forms", "errors", 0, "at most"),
)


def load(run: Run, port: int) -> dict[str, Any]:
    """Let clients do their work once and return what they counted."""
    numbers = map(str, (port, run.clients, run.count, run.size))
    command = [sys.executable, str(HERE / "http_client.py"), run.kind, *numbers]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted


@contextmanager
def served(folder: Path, jobs_at_once: int) -> Iterator[tuple[psutil.Process, int]]:
    """Run a server on an empty folder; give its process and port."""
    port = _free_port()
    command = [sys.executable, str(HERE / "http_server.py"), str(folder), "--port", str(port)]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [*command, "--jobs", str(jobs_at_once)], stdout=subprocess.DEVNULL, stderr=log
    )
    try:
        _wait_for(port, process)
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        process.wait()
        log.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(LOOK_SECONDS)
        else:
            return
    raise SystemExit("The server did not start: run bench/http_server.py to see why.")


def measure(run: Run, server: psutil.Process, port: int) -> list[dict[str, Any]]:
    """Return what each round counted and what it cost the server."""
    rounds = []
    for _ in range(run.rounds):
        before, ended, peak = server.memory_info().rss, threading.Event(), [0]

        def watch(ended: threading.Event = ended, peak: list[int] = peak) -> None:
            while not ended.wait(LOOK_SECONDS):
                peak[0] = max(peak[0], server.memory_info().rss)

        watching = threading.Thread(target=watch)
        watching.start()
        cpu = sum(server.cpu_times()[:2])
        try:
            counted = load(run, port)
        finally:
            ended.set()
            watching.join()
        spent = sum(server.cpu_times()[:2]) - cpu
        cost = {
            "server_cpu_s": round(spent, 2),
            "per_server_cpu_s": round(counted["done"] / max(0.01, spent), 1),
            "rss_before_mb": round(before / MB),
            "rss_peak_mb": round(max(peak[0], before) / MB),
            "mb_per_s": round(counted["done"] * run.size / MB / counted["wall_s"]),
        }
        rounds.append(counted | cost)
    return rounds


def median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the round in the middle by speed; the first warms up where there are several."""
    counted = rounds[1:] or rounds
    middle = sorted(counted, key=lambda one: float(one["per_s"]))[(len(counted) - 1) // 2]
    errors = sum(int(one["errors"]) for one in rounds)
    first = next((one["first_error"] for one in rounds if one["first_error"]), None)
    return middle | {"errors": errors, "first_error": first}


def client_alone(run: Run) -> dict[str, Any]:
    """Let the clients ask something that reads what comes and answers at once."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=run.clients)
    answer = b'{"text": "word0 word1"}'
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)

    def swallow(connection: socket.socket) -> None:
        with connection:
            while True:
                left = None
                got = b""
                while left is None or left > 0:
                    data = connection.recv(1 << 18)
                    if not data:
                        return
                    if left is not None:
                        left -= len(data)
                        continue
                    got += data
                    if b"\r\n\r\n" in got:
                        head, rest = got.split(b"\r\n\r\n", 1)
                        left = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
                        left -= len(rest)
                connection.sendall(reply)

    def accept() -> None:
        for _ in range(run.clients):
            threading.Thread(target=swallow, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listening:
        return load(run, listening.getsockname()[1])


def fsync_ms(folder: Path, count: int = 50) -> float:
    """Return how long it takes here until a written block is on the disk."""
    with (folder / "probe").open("wb") as file:
        started = time.perf_counter()
        for _ in range(count):
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        return round((time.perf_counter() - started) / count * 1000, 2)


def report(runs: dict[str, Run], jobs_at_once: int, *, is_quick: bool) -> dict[str, Any]:
    """Measure everything and say how it compares with what was aimed for."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        head = {
            "machine": asdict(describe_machine()),
            "commit": commit(),
            "date": time.strftime("%Y-%m-%d"),
            "command": " ".join(["python", *sys.argv]),
            "load_before": os.getloadavg()[0],
            "fsync_ms": fsync_ms(Path(place)),
            "job_concurrency": jobs_at_once,
            "client alone": client_alone(QUICK["synchronous"] if is_quick else ALONE),
        }
        # A server of its own for each, so that memory is not what another left.
        groups = [list(runs)] if is_quick else [[name] for name in runs]
        for number, names in enumerate(groups):
            folder = Path(place) / str(number)
            folder.mkdir()
            with served(folder, jobs_at_once) as (server, port):
                for name in names:
                    rounds = measure(runs[name], server, port)
                    found[name] = {
                        "load": asdict(runs[name]),
                        "median": median(rounds),
                        "rounds": rounds,
                    }
                    print(f"{name}: {found[name]['median']}", file=sys.stderr)
    aims = [
        {"run": name, "what": key, how: aim, "measured": (value := found[name]["median"][key])}
        | {"is_met": value >= aim if how == "at least" else value <= aim}
        for name, key, aim, how in AIMS
        if name in found
    ]
    return head | {"aims": aims, "runs": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the report there, too")
    parser.add_argument("--quick", action="store_true", help="a few of each, to see that it works")
    parser.add_argument("--only", choices=RUNS, action="append", help="not all runs")
    parser.add_argument("--jobs", type=int, default=4, help="JOB_CONCURRENCY of the server")
    given = parser.parse_args()
    runs = QUICK if given.quick else RUNS
    runs = {name: runs[name] for name in given.only or runs}
    measured = report(runs, given.jobs, is_quick=given.quick)
    text = json.dumps(measured, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n")
    errors = [one["median"]["first_error"] for one in measured["runs"].values()]
    if any(errors):
        raise SystemExit(f"Not every answer was the expected one: {errors}")


if __name__ == "__main__":
    main()
