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
network's layer over the encoder is centred and scaled on 30 s of the speech, so that tokens depend
on what is heard, and the bias of its blank is found by bisection for 3 tokens a second, which
`tokens_per_second` says. Words mean nothing then; how many there are says that decoding went on.

**Speech** is QUOTH_SPEECH_DATA/podcast-17min/podcast-17min.flac if that is set, else the packaged
clip of two voices, repeated.

**Figures.** A row runs up to three times within five seconds: `first_s` is what the first meeting
of shapes costs (cudnn.benchmark), `wall_s` the best. `padding` is what the network's preprocessor
was really given, retries included. `peak_vram_nvml_mb` is the whole card, whoever uses it;
`gpu_busy_percent` is NVML's, a mean over up to a second, so coarse for short rows.

**Needs** numpy, scipy, psutil, PyYAML, soundfile; nvidia-ml-py for NVML; matplotlib to plot. For
words torch with CUDA and `nemo_toolkit[asr]==3.0.0`: without a network, bring its wheels along,

    pip download -d wheels --python-version 312 --only-binary=:all: 'nemo_toolkit[asr]==3.0.0' \
        scipy psutil PyYAML soundfile nvidia-ml-py matplotlib onnxruntime-gpu

leave out torch, triton and nvidia-*-cu*, and `pip install --no-deps wheels/*.whl`. For speakers
onnxruntime (or onnxruntime-gpu, never both) and quoth-weights (PYTHONPATH=weights does); for
speech detection faster-whisper, of which only a file is read (`--no-deps` does).
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from bench import gpu_audio, gpu_engines, gpu_plan
from bench.gpu_audio import Audio
from bench.gpu_plan import Done, Row, Scale
from bench.gpu_plot import plot
from bench.gpu_watch import Passes, Watch
from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.loading import import_torch
from quoth.adapters.nemo.settings import Precision, settings_for
from quoth.adapters.pytorch.allocator import has_expandable_segments
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import Cancelled, EngineError, EngineLost
from quoth.domain.stitching import stitch
from quoth.domain.windowing import stretches
from quoth.evaluation.machine import commit, describe_machine, installed_versions
from quoth.ports.progress import Progress
from quoth.use_cases.requests import TranscriptionRequest
from quoth.use_cases.transcribe import Policy, TranscribeRecording

LONGEST_RUNS = 5.0
MOST_RUNS = 3
CHUNK_DURATION = 500.0
"""What the service sets with NeMo where nobody says otherwise."""
CALIBRATION_SECONDS = 30.0
LOAD_GUESS = 30.0
"""Seconds to load a network, before one was loaded."""
GUESSES = {
    "cuda": {"words": 300.0, "speech": 60.0, "speakers": 20.0, "pyannote": 4.0},
    "cpu": {"words": 1.0, "speech": 60.0, "speakers": 10.0, "pyannote": 2.0},
}
"""Audio seconds a second, before anything like it was measured."""

LENGTHS: dict[bool, tuple[dict[str, float], dict[str, int]]] = {
    False: ({"17 min": 1020.0, "1 h": 3600.0}, {"256 clips of 10 s": 256}),
    True: ({"60 s": 60.0}, {"4 clips of 10 s": 4}),
}
"""Seconds of recordings and numbers of clips: in full, and small."""


class Bench:
    """Measures rows, one after the other, until time is up.

    Args:
        recognisers: of words, None where NeMo is not installed.
        audios: by name.
        device: `cpu` or `cuda`.
        threads: of the diarizers.
        deadline: on the clock of `time.monotonic`.
    """

    def __init__(
        self,
        recognisers: gpu_engines.Recognisers | None,
        audios: dict[str, Audio],
        device: str,
        threads: int,
        deadline: float,
    ) -> None:
        self._recognisers = recognisers
        self._audios = audios
        self._device = device
        self._threads = threads
        self._deadline = deadline
        self._card = gpu_engines.card(device)
        self._done: list[Done] = []

    def run(self, row: Row) -> dict[str, Any]:
        """Measure a row, and say what came of it.

        Raises:
            Cancelled: when time was up.
            EngineError: if an engine could not do it.
        """
        work = getattr(self, f"_{row.work}")(row)
        walls: list[float] = []
        while True:
            passes = Passes()
            model = self._recognisers.model if row.precision and self._recognisers else None
            with passes.of(model), Watch(self._card) as watch:
                result = work()
            walls.append(watch.wall)
            if len(walls) == MOST_RUNS or sum(walls) + walls[-1] > LONGEST_RUNS:
                break
        seconds, seen = self._audios[row.audio].seconds, passes.read()
        self._done.append(Done(row, seconds / walls[0]))
        return {
            **asdict(row),
            "first_s": round(walls[0], 3),
            "wall_s": round(min(walls), 3),
            "rtfx": round(seconds / min(walls), 1),
            "passes": len(seen) or None,
            "largest_pass": max((count for count, _, _ in seen), default=None),
            "padding": round(gpu_plan.padding_share(seen), 3) if seen else None,
            **watch.costs(),
            **result,
        }

    def expected(self, row: Row) -> float:
        """Return the seconds a row will about take, with all that has to be loaded for it."""
        guesses = GUESSES[self._device]
        kind = "pyannote" if row.diarizer == "pyannote" else row.work
        guess = guesses.get(kind, min(guesses["words"], guesses["speakers"]))
        work = gpu_plan.expected_seconds(row, self._audios[row.audio].seconds, self._done, guess)
        if row.precision is None or self._recognisers is None:
            return work
        loads = [sum(each.values()) for each in self._recognisers.loads.values()]
        is_loaded = self._recognisers.is_loaded(row.precision)
        return (
            work + self._recognisers.warm_up + (0 if is_loaded else max(loads, default=LOAD_GUESS))
        )

    def _progress(self, _fraction: float) -> None:
        if time.monotonic() > self._deadline:
            raise Cancelled

    def _words(self, row: Row) -> Callable[[], dict[str, Any]]:
        transcriber, audio = self._transcriber(row), self._audios[row.audio]
        chunk = None if row.batch else CHUNK_DURATION
        batches = [audio.tasks(part) for part in stretches(audio.windows, chunk)]
        progress: Progress = self._progress

        def work() -> dict[str, Any]:
            found = [
                words for tasks in batches for words in transcriber.transcribe(tasks, progress)
            ]
            words = stitch(audio.windows, iter(found))
            return {"windows": len(audio.windows), "words": len(words)}

        return work

    def _speech(self, row: Row) -> Callable[[], dict[str, Any]]:
        detector, waveform = gpu_engines.speech_detector(), self._audios[row.audio].waveform
        return lambda: {"stretches": len(detector.detect_speech(waveform, self._progress))}

    def _speakers(self, row: Row) -> Callable[[], dict[str, Any]]:
        diarizer = gpu_engines.diarizer(row.diarizer or "", self._device, self._threads)
        waveform = self._audios[row.audio].waveform

        def work() -> dict[str, Any]:
            evidence = diarizer.analyse(waveform, self._progress)
            diarization = diarizer.cluster(evidence, SpeakerHints(), self._progress)
            return {"speakers": len(diarization.speakers), **asdict(diarizer.info)}

        return work

    def _sequential(self, row: Row) -> Callable[[], dict[str, Any]]:
        return self._both(row, is_parallel=False)

    def _parallel(self, row: Row) -> Callable[[], dict[str, Any]]:
        return self._both(row, is_parallel=True)

    def _both(self, row: Row, *, is_parallel: bool) -> Callable[[], dict[str, Any]]:
        diarizer = gpu_engines.diarizer(row.diarizer or "", self._device, self._threads)
        transcribe = TranscribeRecording(
            FakeDecoder(self._audios[row.audio].waveform),
            gpu_engines.speech_detector(),
            self._transcriber(row),
            None,
            diarizer,
            time.monotonic,
            Policy(is_parallel=is_parallel, chunk_duration=CHUNK_DURATION),
        )
        request = TranscriptionRequest(Path(__file__), gpu_audio.OPTIONS)

        def work() -> dict[str, Any]:
            with TemporaryDirectory() as folder:
                told = transcribe(request, Path(folder), lambda _: self._progress(0.0)).transcript
            speakers = len(told.speakers)
            return {"words": len(told.words), "speakers": speakers, **asdict(diarizer.info)}

        return work

    def _transcriber(self, row: Row) -> Any:
        assert self._recognisers is not None  # noqa: S101 - rows that need it were skipped
        return self._recognisers.get(cast("Precision", row.precision), row.batch)


def measure(bench: Bench, planned: list[Row], deadline: float, report: dict[str, Any]) -> None:
    """Measure what can be and fits; put it, and what cannot or does not, into the report."""
    absent = {part: gpu_engines.missing(part) for part in gpu_engines.PACKAGES}
    for row in planned:
        lacking = sorted({name for part in row.needs for name in absent[part]})
        expected, left = bench.expected(row), deadline - time.monotonic()
        if lacking:
            report["skipped"].append({**asdict(row), "why": f"not installed: {', '.join(lacking)}"})
        elif expected > left:
            why = f"needs about {expected:.0f} s of the {max(0.0, left):.0f} s left"
            report["left_out"].append({**asdict(row), "why": why})
        else:
            _attempt(bench, row, report)
            if any(each.get("error_kind") == EngineLost.__name__ for each in report["rows"][-1:]):
                return


def _attempt(bench: Bench, row: Row, report: dict[str, Any]) -> None:
    try:
        report["rows"].append(bench.run(row))
    except Cancelled:
        report["left_out"].append({**asdict(row), "why": "was not done when time was up"})
    except EngineError as error:
        told = {"error_kind": type(error).__name__, "error": str(error)}
        report["rows"].append({**asdict(row), **told})
    last = report["rows"][-1:]
    print(*(json.dumps(each) for each in last), flush=True)


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
    text = json.dumps(report, indent=1) + "\n"
    print(f"{len(report['rows'])} rows in {report['took_s']} s", flush=True)
    if given.json:
        given.json.write_text(text)


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
    planned = gpu_plan.rows(scale(small=given.small, device=device))
    cores = given.threads or machine.cores
    threads = max(1, cores // 2)
    if gpu_engines.missing("nemo"):
        measure(Bench(None, audios, device, threads, deadline), planned, deadline, report)
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
            measure(bench, planned, deadline, report)
            report["loads"] = recognisers.loads
            if device != "cpu":
                torch = import_torch()
                report["has_expandable_segments"] = has_expandable_segments(torch, device)
    report["took_s"] = round(time.monotonic() - started, 1)
    return report


if __name__ == "__main__":
    main()
