"""Speed and memory of a Parakeet on sherpa-onnx; prints JSON, one run for each way to share cores.

    python bench/parakeet_on_sherpa.py MODEL RECORDING [--seconds 300] [--ways 1x1x2 ...]

MODEL is a folder for sherpa-onnx (bench/random_parakeet.py makes one of full size), a way is
BATCH x WORKERS x THREADS. Each way runs in a process of its own, so that its memory is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from faster_whisper.audio import decode_audio

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.sherpa.model_files import find_sherpa_model
from quoth.adapters.sherpa.settings import SherpaSettings
from quoth.adapters.sherpa.transcription import SherpaTranscriber
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.windowing import Window
from quoth.evaluation.machine import describe_machine
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import WindowTask

WAYS = ("1x2x1", "1x1x2", "4x1x2", "2x2x1", "8x1x2")


def run(model: Path, recording: Path, seconds: float, way: str, window: float) -> dict[str, object]:
    """Measure one way in this process."""
    batch, workers, threads = (int(part) for part in way.split("x"))
    samples = np.asarray(decode_audio(str(recording)), np.float32)[: int(seconds * SAMPLE_RATE)]
    waveform = ArrayWaveform(samples)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    settings = SherpaSettings(batch_size=batch)
    transcriber = SherpaTranscriber(
        find_sherpa_model(str(model)), threads=threads, workers=workers, settings=settings
    )
    loaded = time.monotonic()
    starts = np.arange(0, waveform.duration, window)
    tasks = [
        WindowTask(waveform, Window(Interval(start, min(start + window, waveform.duration))))
        for start in starts.tolist()
    ]
    words = transcriber.transcribe(tasks, unobserved)
    wall = time.monotonic() - loaded
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "batch_size": batch,
        "workers": workers,
        "threads": threads,
        "load_s": round(loaded - started, 2),
        "wall_s": round(wall, 2),
        "rtfx": round(waveform.duration / wall, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": usage.ru_maxrss // 1024,
        "before_mb": before // 1024,
        "words": sum(len(each) for each in words),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--window", type=float, default=29.0)
    parser.add_argument("--ways", nargs="+", default=WAYS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run(given.model, given.recording, given.seconds, given.one, given.window)))
        return
    results = []
    for way in given.ways:
        command = [sys.executable, __file__, *sys.argv[1:3], "--seconds", str(given.seconds)]
        command += ["--window", str(given.window), "--one", way]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results.append(json.loads(done.stdout))
        print(results[-1], file=sys.stderr)
    report = {
        "machine": asdict(describe_machine()),
        "model": given.model.name,
        "seconds": given.seconds,
        "window_s": given.window,
        "runs": results,
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
