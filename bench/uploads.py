"""Uploads to a running `quoth serve`, over loopback: speed, memory, and how long others wait.

    python bench/uploads.py [--large 2000] [--piece 90] [--count 64] [--small 20]

Sizes are in MB. One upload of `--large` goes in pieces of `--piece` with its hash, then `--count`
of `--small` at once, by tus and as forms that are refused after their last byte (an unknown model).
Prints JSON; ends with an error if any answer is not the expected one.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

import httpx
import psutil

from quoth.evaluation.machine import describe_machine

MB = 1_000_000
BLOCK = os.urandom(MB)
VERSION = {"Tus-Resumable": "1.0.0"}


@dataclass
class Watch:
    """What a server costs, and how long `GET /health` takes beside everything else."""

    server: psutil.Process
    url: str
    waits: list[float] = field(default_factory=list)
    peak_mb: float = 0.0

    def run(self, ended: threading.Event) -> None:
        with httpx.Client() as client:
            while not ended.wait(0.02):
                started = time.monotonic()
                client.get(f"{self.url}/health", timeout=60)
                self.waits.append(time.monotonic() - started)
                self.peak_mb = max(self.peak_mb, self.server.memory_info().rss / MB)


def measure(server: psutil.Process, url: str, megabytes: int, work: Callable[[], None]) -> object:
    """Return what some work cost the server."""
    watch, ended = Watch(server, url), threading.Event()
    before = server.memory_info().rss / MB
    thread = threading.Thread(target=watch.run, args=(ended,))
    thread.start()
    started, cpu = time.monotonic(), sum(server.cpu_times()[:2])
    work()
    wall = time.monotonic() - started
    ended.set()
    thread.join()
    waits = sorted(watch.waits)
    return {
        "mb": megabytes,
        "wall_s": round(wall, 2),
        "mb_per_s": round(megabytes / wall),
        "server_cpu_s": round(sum(server.cpu_times()[:2]) - cpu, 2),
        "rss_before_mb": round(before),
        "rss_peak_mb": round(watch.peak_mb),
        "health_median_ms": round(waits[len(waits) // 2] * 1000, 1),
        "health_p99_ms": round(waits[len(waits) * 99 // 100] * 1000, 1),
    }


def expect(response: httpx.Response, status: int) -> httpx.Response:
    if response.status_code != status:
        raise SystemExit(f"{response.status_code} for {status}: {response.text}")
    return response


def send(client: httpx.Client, url: str, size: int, piece: int, sha256: str | None = None) -> None:
    """Upload so many blocks in pieces."""
    stated = VERSION | {"Upload-Length": str(size * MB)}
    if sha256:
        stated["Upload-Metadata"] = f"sha256 {sha256}"
    created = expect(client.post(f"{url}/v1/uploads", headers=stated), 201)
    where = created.url.join(created.headers["location"])
    for offset in range(0, size, piece):
        blocks = min(piece, size - offset)
        headers = VERSION | {
            "Upload-Offset": str(offset * MB),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(blocks * MB),
        }
        body = (BLOCK for _ in range(blocks))
        expect(client.patch(where, headers=headers, content=body, timeout=300), 204)
    expect(client.delete(where, headers=VERSION), 204)


def send_form(client: httpx.Client, url: str, size: int) -> None:
    """Post a form of so many blocks that is refused once it is there."""
    head = (
        b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nno-such\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    )
    end = b"\r\n--x--\r\n"

    def body() -> Iterator[bytes]:
        yield head
        yield from (BLOCK for _ in range(size))
        yield end

    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": str(len(head) + size * MB + len(end)),
    }
    address = f"{url}/v1/audio/transcriptions"
    expect(client.post(address, headers=headers, content=body(), timeout=300), 404)


def hashed(size: int) -> str:
    """Return the SHA-256 of so many blocks, as metadata has it."""
    whole = hashlib.sha256()
    for _ in range(size):
        whole.update(BLOCK)
    return base64.b64encode(whole.hexdigest().encode()).decode()


@contextmanager
def serve(concurrent: int) -> Iterator[tuple[psutil.Process, str]]:
    """Run a server on a folder of its own."""
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {"QUOTH_DATA": data, "MAX_CONCURRENT": str(concurrent)}
        process = subprocess.Popen(
            [sys.executable, "-m", "quoth.cli", "serve", "--port", "0"],
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        log = iter(process.stderr or ())
        url = next(found[1] for line in log if (found := re.search(r"on (http://\S+)", line)))
        threading.Thread(target=lambda: [None for _ in log], daemon=True).start()
        try:
            yield psutil.Process(process.pid), url
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=2000)
    parser.add_argument("--piece", type=int, default=90)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--small", type=int, default=20)
    given = parser.parse_args()
    sha256, many = hashed(given.large), given.count * given.small
    with (
        serve(given.count) as (server, url),
        httpx.Client(limits=httpx.Limits(max_connections=given.count)) as client,
        ThreadPoolExecutor(given.count) as pool,
    ):

        def at_once(work: Callable[[], None]) -> None:
            for done in [pool.submit(work) for _ in range(given.count)]:
                done.result()

        small = given.small
        runs = {
            "one large in pieces, hashed": measure(
                server,
                url,
                given.large,
                lambda: send(client, url, given.large, given.piece, sha256),
            ),
            "many at once by tus": measure(
                server, url, many, lambda: at_once(lambda: send(client, url, small, small))
            ),
            "many at once as forms": measure(
                server, url, many, lambda: at_once(lambda: send_form(client, url, small))
            ),
        }
    report = {"machine": asdict(describe_machine()), "sizes_mb": vars(given), "runs": runs}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
