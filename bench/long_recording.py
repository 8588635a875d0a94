"""What a recording of many hours costs, beside one of an hour: memory over time, time, evidence.

    python bench/long_recording.py build FOLDER OUT --hours 1 10
    python bench/long_recording.py run OUT/1h.flac OUT/10h.flac --json RESULT.json
    python bench/long_recording.py plot RESULT.json... --to PLOT.png

FOLDER holds conversations (`NAME/NAME.flac` with `NAME.rttm`, as `quoth bench` takes them); they
are put one behind the other, with pauses, until the recording is long enough, so that who speaks
when is known. `run` starts `quoth transcribe` as a user would, with the settings of the
environment (ENGINE, CHUNK_DURATION, ...), and looks every second at all its processes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from faster_whisper.audio import decode_audio

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.diarization import SpeakerTurn
from quoth.evaluation.machine import commit, describe_machine
from quoth.evaluation.references import find_references
from quoth.evaluation.scoring import diarization_error
from quoth.formats import json as quoth_json
from quoth.formats import rttm

HOUR = 3600.0
PAUSE = 2.0
MB = 1_000_000


def build(folder: Path, out: Path, hours: float) -> None:
    """Write `out`, FLAC of so many hours, and who speaks when beside it."""
    parts = []
    for reference in find_references(folder):
        name = reference.audio.stem
        if name not in {"podcast-17min", "panel-5min", "meeting-2spk-short"}:
            continue
        samples = np.asarray(decode_audio(str(reference.audio)), np.float32)
        turns = rttm.parse(reference.audio.with_suffix(".rttm").read_text())
        parts.append((name, (samples * 32767).astype("<i2").tobytes(), turns))
    command = ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "1"]
    encoder = subprocess.Popen([*command, "-i", "pipe:0", str(out)], stdin=subprocess.PIPE)
    assert encoder.stdin is not None  # noqa: S101 - a pipe was asked for
    left, offset, lines = int(hours * HOUR * SAMPLE_RATE) * 2, 0.0, []
    pause = bytes(int(PAUSE * SAMPLE_RATE) * 2)
    while left:
        for name, sound, turns in parts:
            piece = (sound + pause)[:left]
            encoder.stdin.write(piece)
            seconds = len(piece) / 2 / SAMPLE_RATE
            lines += [
                f"SPEAKER {out.stem} 1 {offset + turn.start:.3f} {turn.end - turn.start:.3f} "
                f"<NA> <NA> {name}-{turn.speaker} <NA> <NA>\n"
                for turn in turns
                if turn.end < seconds
            ]
            offset, left = offset + seconds, left - len(piece)
    encoder.stdin.close()
    encoder.wait()
    out.with_suffix(".rttm").write_text("".join(lines))


def run(recording: Path, *, diarize: bool) -> dict[str, Any]:
    """Transcribe a recording in processes of its own and watch them."""
    curve: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "quoth.cli", "transcribe", str(recording)]
        command += ["--format", "json", "-o", folder, "--language", "en"]
        command += ["--keep-evidence"] if diarize else ["--no-diarize"]
        started = time.monotonic()
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            curve.append((round(time.monotonic() - started, 1), *_memory(process.pid)))
            time.sleep(1)
        wall = time.monotonic() - started
        if process.returncode:
            raise SystemExit(f"quoth transcribe ended with {process.returncode}")
        times = os.times()
        results = Path(folder)
        transcript = quoth_json.parse((results / f"{recording.stem}.json").read_text())
        kept = results / f"{recording.stem}.evidence.npz"
        evidence = kept.stat().st_size if kept.exists() else 0
    truth = rttm.parse(recording.with_suffix(".rttm").read_text())
    hours = transcript.duration / HOUR
    return {
        "hours": round(hours, 3),
        "wall_s": round(wall, 1),
        "cpu_s": round(times.children_user + times.children_system, 1),
        "peak_rss_mb": max(rss for _, rss, _ in curve),
        "peak_uss_mb": max(uss for _, _, uss in curve),
        "evidence_mb_per_hour": round(evidence / MB / hours, 2),
        "words": len(transcript.words),
        "speakers": len(transcript.speakers),
        "true_speakers": len({turn.speaker for turn in truth}),
        "der_first_hour": _error(truth, transcript.turns, 0.0, HOUR) if diarize else None,
        "der_last_hour": _error(truth, transcript.turns, transcript.duration - HOUR, HOUR)
        if diarize
        else None,
        "engine": f"{transcript.engine} ({transcript.model})",
        "curve": curve,
    }


def _error(
    truth: tuple[SpeakerTurn, ...], found: tuple[SpeakerTurn, ...], start: float, seconds: float
) -> float:
    """Return the diarization error, in per cent, of one stretch."""

    def cut(turns: tuple[SpeakerTurn, ...]) -> tuple[SpeakerTurn, ...]:
        inside = (turn for turn in turns if start <= turn.start and turn.end <= start + seconds)
        return tuple(SpeakerTurn(t.start - start, t.end - start, t.speaker) for t in inside)

    score = diarization_error(cut(truth), cut(found), seconds, 0.25)
    return round(score.percent or 0.0, 2)


def _memory(pid: int) -> tuple[float, float]:
    """Return the resident and the private memory of a process and all below it, in MB."""
    resident = private = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0, 0.0
    for process in family:
        try:
            found = process.memory_full_info()
        except psutil.Error:
            continue
        resident, private = resident + found.rss, private + found.uss
    return round(resident / MB, 1), round(private / MB, 1)


def plot(results: list[Path], target: Path) -> None:
    """Draw memory over time, and time over length."""
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5))
    for path in results:
        report = json.loads(path.read_text())
        label = f"CHUNK_DURATION {report['chunk_duration']}"
        label += "" if report["runs"][0]["speakers"] else ", words alone"
        for one in report["runs"]:
            seconds, resident, _ = zip(*one["curve"], strict=True)
            share = np.asarray(seconds) / one["wall_s"]
            left.plot(share, resident, label=f"{one['hours']:g} h, {label}")
        hours = [one["hours"] for one in report["runs"]]
        right.plot(hours, [one["wall_s"] / 60 for one in report["runs"]], "o-", label=label)
    left.set(xlabel="share of the run", ylabel="resident memory of all processes, MB", ylim=0)
    right.set(xlabel="hours of audio", ylabel="minutes", ylim=0, xlim=0)
    for axes in (left, right):
        axes.legend()
        axes.grid(alpha=0.3)
    engine = json.loads(results[0].read_text())["runs"][0]["engine"]
    figure.suptitle(f"quoth transcribe, {engine}")
    figure.tight_layout()
    figure.savefig(target, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build")
    building.add_argument("folder", type=Path)
    building.add_argument("out", type=Path)
    building.add_argument("--hours", type=float, nargs="+", default=[1.0, 10.0])
    running = commands.add_parser("run")
    running.add_argument("recordings", type=Path, nargs="+")
    running.add_argument("--no-diarize", action="store_true")
    running.add_argument("--json", type=Path, required=True)
    plotting = commands.add_parser("plot")
    plotting.add_argument("results", type=Path, nargs="+")
    plotting.add_argument("--to", type=Path, required=True)
    given = parser.parse_args()
    if given.command == "build":
        given.out.mkdir(parents=True, exist_ok=True)
        for hours in given.hours:
            build(given.folder, given.out / f"{hours:g}h.flac", hours)
    elif given.command == "run":
        runs: list[dict[str, Any]] = []
        report = {
            "machine": asdict(describe_machine()),
            "commit": commit(),
            "chunk_duration": os.environ.get("CHUNK_DURATION", "off"),
            "runs": runs,
        }
        for recording in given.recordings:
            runs.append(run(recording, diarize=not given.no_diarize))
            given.json.write_text(json.dumps(report) + "\n")
            told = {key: value for key, value in runs[-1].items() if key != "curve"}
            print(json.dumps(told), flush=True)
    else:
        plot(given.results, given.to)


if __name__ == "__main__":
    main()
