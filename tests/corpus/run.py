"""Uploads the corpus to a running service and says what did not go as it must.

python -m tests.corpus.run --count 5000          # more than the tests do
python -m tests.corpus.run --only "a hole 17, flac in flac" --save case.flac
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil

from tests.corpus.cases import Case, corpus
from tests.corpus.valid import CANARY, spoken_text, write_speech
from tests.tiny_parakeet import FOLDER

LONGEST_SECONDS = 10.0
MB = 1_000_000
ENVIRONMENT = {
    "ENGINE": "sherpa",
    "SHERPA_MODEL": str(FOLDER),
    "MAX_AUDIO_SECONDS": "120",
}
AT_ONCE = 3


@dataclass
class Canary:
    """What no upload may touch: an address, and a recording on this disk."""

    url: str
    file: Path
    hits: list[str] = field(default_factory=list)


@contextmanager
def canary(folder: Path) -> Iterator[Canary]:
    """Serve a recording on loopback, and keep one on disk."""
    file = write_speech(folder / "canary.wav", CANARY)
    content = file.read_bytes()
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Canary(f"http://127.0.0.1:{server.server_address[1]}/canary.wav", file, hits)
        server.shutdown()
        thread.join()


@dataclass
class Report:
    """What came of a run: answers by kind, the slowest, the most memory, and what was wrong."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    peak_decoder_mb: float = 0.0
    service_mb: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield it in words."""
        for (kind, status), count in sorted(self.answers.items()):
            yield f"{count:5} {status} {kind}"
        yield f"slowest {self.slowest[0]:.1f} s: {self.slowest[1]}"
        yield f"decoder at most {self.peak_decoder_mb:.0f} MB"
        if self.service_mb:
            yield f"service {self.service_mb[0]:.0f} MB first, {self.service_mb[-1]:.0f} MB last"
        yield from self.wrong


def upload(url: str, process: psutil.Process, cases: Sequence[Case]) -> Report:
    """Upload cases, a few at a time, and watch the processes of the service meanwhile."""
    report, stop = Report(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(process, stop, report))
    watcher.start()
    try:
        with httpx.Client(timeout=60) as client, ThreadPoolExecutor(AT_ONCE) as pool:
            answers = pool.map(lambda case: _send(client, url, case), cases)
            for case, told in zip(cases, answers, strict=True):
                _judge(case, *told, report)
    finally:
        stop.set()
        watcher.join()
    return report


def _send(client: httpx.Client, url: str, case: Case) -> tuple[httpx.Response | None, float]:
    started = time.monotonic()
    try:
        response = client.post(
            f"{url}/v1/audio/transcriptions",
            data={"language": "en"},
            files={"file": (case.filename, case.content)},
        )
    except httpx.HTTPError:
        return None, time.monotonic() - started
    return response, time.monotonic() - started


def _judge(case: Case, response: httpx.Response | None, wall: float, report: Report) -> None:
    report.slowest = max(report.slowest, (wall, case.name))
    if wall > LONGEST_SECONDS:
        report.wrong.append(f"{case.name}: took {wall:.1f} s")
    if response is None:
        report.wrong.append(f"{case.name}: no answer")
        return
    report.answers[case.kind, response.status_code] += 1
    if problem := _problem(case, response):
        report.wrong.append(f"{case.name}: {response.status_code} {problem}")


def _problem(case: Case, response: httpx.Response) -> str | None:
    """Return what is wrong with an answer."""
    body = response.json()
    if response.is_success:
        text = str(body.get("text"))
        if case.is_good and text != spoken_text():
            return f"heard {text!r}"
        return "the canary was read" if _is_canary(text) else None
    if case.is_good or not response.is_client_error:
        return json.dumps(body)
    error = body.get("error", {})
    is_whole = set(error) == {"message", "type", "param", "code"} and len(error["message"]) > 20
    return None if is_whole else f"an error without help: {body}"


def _is_canary(text: str) -> bool:
    return spoken_text(CANARY)[:11] in text


def _watch(process: psutil.Process, stop: threading.Event, report: Report) -> None:
    while not stop.wait(0.1):
        service = 0.0
        for each in [process, *process.children(recursive=True)]:
            try:
                memory = each.memory_info().rss / MB
                is_decoder = "ffmpeg" in each.name() or "pyav_program" in " ".join(each.cmdline())
            except psutil.Error:
                continue
            if is_decoder:
                report.peak_decoder_mb = max(report.peak_decoder_mb, memory)
            else:
                service += memory
        report.service_mb.append(service)


def main() -> None:
    """Start a service of its own and upload to it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--only", help="name of the one case to send")
    parser.add_argument("--save", type=Path, help="file to write that case to")
    parser.add_argument("--ffmpeg", default="auto")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, canary(Path(folder)) as bird:
        cases = corpus(given.count, bird.url, str(bird.file))
        if given.only:
            cases = [case for case in cases if case.name == given.only]
            if given.save:
                given.save.write_bytes(cases[0].content)
        environment = os.environ | ENVIRONMENT | {"QUOTH_DATA": folder, "FFMPEG": given.ffmpeg}
        command = [sys.executable, "-m", "quoth.cli", "serve", "--port", "8765"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as serving:
            url = "http://127.0.0.1:8765"
            while not _is_up(url):
                time.sleep(0.2)
            report = upload(url, psutil.Process(serving.pid), cases)
            serving.terminate()
        report.wrong += [f"the canary's address was asked for {hit}" for hit in bird.hits]
    print("\n".join(report.lines()))
    sys.exit(bool(report.wrong))


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
