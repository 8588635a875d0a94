"""Speed and memory of the whole GPU engine: a Parakeet of full size beside a diarizer.

    python -m bench.gpu --json RESULT.json [--model parakeet.nemo] [--budget 520] [--small]
    python -m bench.gpu --plot RESULT.json PLOT.png

from the folder above this one. One command, less than nine minutes: what does not fit into
`--budget` seconds is listed under `left_out`, the least important first, and what lacks a package
under `skipped`, with the package. `--small` is for a processor: it shows that all of it works.

**What runs.** `quoth.adapters.nemo.transcription.NemoTranscriber`, as users get it: rows without
a batch have the settings of `settings_for(device)` and the CHUNK_DURATION of a service; rows with
one only replace the windows in a pass and lift the memory limit. Diarizers have real weights: the
packaged ONNX networks, on CUDA where the installed onnxruntime has it (`device` says), and
pyannote's pipeline, published if one is under QUOTH_DATA, else on the packaged networks, which
compute on the processor. `sequential` and `parallel` are the use case `TranscribeRecording`, with
speech detection, without decoding and without a process in between.

**The weights are random** where no model is given (`--trained` says that one has real weights):
617.8 million parameters in the shape of nvidia/parakeet-tdt-0.6b-v2 (bench/random_parakeet.py).
Decoding is made as long as it is for real: at load, in the precision that is measured, the joint
network's layer over the encoder is centred and scaled on 20 s of the speech, so that tokens depend
on what is heard, and the bias of its blank is found by bisection for 3 tokens a second, which
`tokens_per_second` says. Words mean nothing then; how many there are says that decoding went on.

**Speech** is QUOTH_SPEECH_DATA/podcast-17min/podcast-17min.flac if that is set, else the packaged
clip of two voices, repeated.

**Figures.** A row runs up to three times within five seconds: `first_s` is what the first meeting
of shapes costs (cudnn.benchmark), `wall_s` the best. `padding` is what the network's preprocessor
was really given, retries included. `peak_vram_nvml_mb` is the whole card, whoever uses it;
`gpu_busy_percent` is NVML's, a mean over up to a second, so coarse for short rows.

**Needs** numpy, scipy, psutil, PyYAML, soundfile; nvidia-ml-py for NVML; matplotlib to plot. For
words torch with CUDA and `nemo_toolkit[asr]==3.0.0`; for speakers onnxruntime (or onnxruntime-gpu,
never both) and quoth-weights; for speech detection faster-whisper, of which only a file is read;
for pyannote's pipeline pyannote.audio and pytest. A machine with torch but without a network gets
the rest as wheels, made with its version of Python on one that has a network (some packages, such
as antlr4-python3-runtime, are there as source alone, so `pip download` does not do):

    echo torch==2.13.0 > torch.txt   # the version over there
    python3.12 -m pip wheel -w wheels -c torch.txt 'nemo_toolkit[asr]==3.0.0' scipy psutil PyYAML \
        soundfile nvidia-ml-py matplotlib onnxruntime-gpu
    python3.12 -m pip wheel -w wheels --no-deps faster-whisper

then, over there, all but torch, torchaudio, triton, nvidia_*_cu* and onnxruntime without -gpu:

    pip install --no-index --no-deps wheels/*.whl && PYTHONPATH=weights python -m bench.gpu ...

Some 100 packages are imported, 1.4 GB when installed (llvmlite, pyarrow, scipy and transformers
are 0.6 GB of it).
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from bench import gpu_audio, gpu_engines, gpu_plan
from bench.gpu_bench import Bench
from bench.gpu_plan import Row, Scale
from bench.gpu_plot import plot
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.loading import import_torch
from quoth.adapters.nemo.settings import settings_for
from quoth.adapters.pytorch.allocator import has_expandable_segments
from quoth.adapters.pytorch.errors import is_poisoned
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import Cancelled, EngineError, EngineLost
from quoth.evaluation.machine import commit, describe_machine, installed_versions

CALIBRATION_SECONDS = 20.0
LENGTHS: dict[bool, tuple[dict[str, float], dict[str, int]]] = {
    False: ({"17 min": 1020.0, "1 h": 3600.0}, {"256 clips of 10 s": 256}),
    True: ({"40 s": 40.0}, {"4 clips of 10 s": 4}),
}
"""Seconds of recordings and numbers of clips: in full, and small."""


class Measurer(Protocol):
    """What measures rows; see `Bench`."""

    def expected(self, row: Row) -> float: ...

    def run(self, row: Row) -> dict[str, Any]: ...


def measure(
    bench: Measurer,
    planned: Sequence[Row],
    deadline: float,
    report: dict[str, Any],
    keep: Callable[[], None],
) -> None:
    """Measure what can be and fits; put it, and what cannot or does not, into the report.

    Args:
        bench: measures.
        planned: rows in order of importance.
        deadline: on the clock of `time.monotonic`.
        report: with lists `rows`, `left_out` and `skipped`.
        keep: called after each row, for what was measured to survive what comes.
    """
    absent = {part: gpu_engines.missing(part) for part in gpu_engines.PACKAGES}
    is_lost = False
    for row in planned:
        lacking = sorted({name for part in row.needs for name in absent[part]})
        expected, left = bench.expected(row), deadline - time.monotonic()
        if lacking:
            report["skipped"].append({**asdict(row), "why": f"not installed: {', '.join(lacking)}"})
        elif is_lost:
            report["left_out"].append({**asdict(row), "why": "the GPU was lost before"})
        elif expected > left:
            why = f"needs about {expected:.0f} s of the {max(0.0, left):.0f} s left"
            report["left_out"].append({**asdict(row), "why": why})
        else:
            is_lost = not _attempt(bench, row, report)
            keep()


def _attempt(bench: Measurer, row: Row, report: dict[str, Any]) -> bool:
    """Measure a row, and say whether another can be."""
    try:
        told = bench.run(row)
    except Cancelled:
        report["left_out"].append({**asdict(row), "why": "was not done when time was up"})
        return True
    except (EngineError, RuntimeError) as error:  # the latter from what prepares the weights
        report["rows"].append({**asdict(row), "error": f"{type(error).__name__}: {error}"})
        print(report["rows"][-1], flush=True)
        return not isinstance(error, EngineLost) and not is_poisoned(error)
    report["rows"].append(told)
    print(json.dumps(told), flush=True)
    return True


def prepare(lengths: tuple[dict[str, float], dict[str, int]], longest: float) -> tuple[Any, ...]:
    """Return speech, where it is from, how windows were cut, and all that is transcribed."""
    recordings, clips = lengths
    most = max(recordings.values())
    samples, name = gpu_audio.read_speech(os.environ.get("QUOTH_SPEECH_DATA"), most)
    speech = None
    if not gpu_engines.missing("vad"):
        detector = gpu_engines.speech_detector()
        speech = detector.detect_speech(ArrayWaveform(samples), lambda _: None)
    audios = {
        each: gpu_audio.recording(*gpu_audio.repeated(samples, speech, seconds), longest)
        for each, seconds in recordings.items()
    }
    audios |= {each: gpu_audio.clips(samples, count) for each, count in clips.items()}
    return samples, name, "evenly" if speech is None else "at pauses", audios


def scale(*, small: bool, device: str) -> Scale:
    """Return how much to measure."""
    recordings, clips = LENGTHS[small]
    usual = settings_for(device).precision
    others = [each for each in gpu_plan.ALL_PRECISIONS if each != usual]
    names = [*recordings, None]
    return Scale(
        recording=str(names[0]),
        long=names[1],
        clips=next(iter(clips)),
        precisions=[usual, *(others if not small else ["bf16"])],
        batches=(1, 4) if small else gpu_plan.BATCHES,
    )


def main() -> None:
    started = time.monotonic()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help="a .nemo file; without it one is built")
    parser.add_argument("--trained", action="store_true", help="the model has real weights")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--threads", type=int, help="of a processor; without it all cores")
    parser.add_argument("--budget", type=float, default=520.0, help="seconds for all of it")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, nargs=2, metavar=("JSON", "PNG"))
    given = parser.parse_args()
    if given.plot:
        plot(json.loads(given.plot[0].read_text()), given.plot[1])
        return
    report = run(given, started)
    print(f"{len(report['rows'])} rows in {report['took_s']} s", flush=True)


def run(given: argparse.Namespace, started: float) -> dict[str, Any]:
    """Measure, and return all there is to say."""
    device, machine = gpu_engines.choose_device(), describe_machine()
    deadline = started + given.budget
    samples, name, cut, audios = prepare(LENGTHS[given.small], settings_for(device).longest_window)
    report: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "machine": asdict(machine),
        "versions": installed_versions(),
        "device": device,
        "speech": f"{name}, windows cut {cut}",
        "model": None if given.model is None else given.model.name,
        "threads": given.threads or machine.cores,
        "budget_s": given.budget,
        "rows": [],
        "left_out": [],
        "skipped": [],
    }

    def keep() -> None:
        report["took_s"] = round(time.monotonic() - started, 1)
        if given.json:
            given.json.write_text(json.dumps(report, indent=1) + "\n")

    if device != "cpu":
        torch = import_torch()
        report["machine"]["gpu"] = torch.cuda.get_device_name(device)
        report["cuda"] = torch.version.cuda
    planned = gpu_plan.rows(scale(small=given.small, device=device))
    cores = given.threads or machine.cores
    threads = max(1, cores // 2)
    if gpu_engines.missing("nemo"):
        measure(Bench(None, audios, device, threads, deadline), planned, deadline, report, keep)
    else:
        with gpu_engines.model_file(given.model) as path:
            recognisers = gpu_engines.Recognisers(
                path,
                is_random=not given.trained,
                device=device,
                threads=cores,
                speech=samples[: round(CALIBRATION_SECONDS * SAMPLE_RATE)],
            )
            bench = Bench(recognisers, audios, device, threads, deadline)
            report["loads"] = recognisers.loads
            measure(bench, planned, deadline, report, keep)
            if device != "cpu":
                report["has_expandable_segments"] = has_expandable_segments(import_torch(), device)
    keep()
    return report


if __name__ == "__main__":
    main()
