"""Measures one row after the other on Quoth's own engines."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from bench import gpu_audio, gpu_engines, gpu_plan
from bench.gpu_audio import Audio
from bench.gpu_plan import Done, Row
from bench.gpu_watch import Passes, Watch
from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.nemo.settings import Precision
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import Cancelled
from quoth.domain.stitching import stitch
from quoth.domain.windowing import stretches
from quoth.ports.progress import Progress
from quoth.use_cases.requests import TranscriptionRequest
from quoth.use_cases.transcribe import Policy, TranscribeRecording

LONGEST_RUNS = 5.0
MOST_RUNS = 3
CHUNK_DURATION = 500.0
"""What the service sets with NeMo where nobody says otherwise."""
LOAD_GUESS = 30.0
"""Seconds to load a network, before one was loaded."""
GUESSES = {
    "cuda": {"words": 300.0, "speech": 60.0, "speakers": 20.0, "pyannote": 4.0},
    "cpu": {"words": 1.0, "speech": 60.0, "speakers": 10.0, "pyannote": 2.0},
}
"""Audio seconds a second, before anything like it was measured."""


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
            Cancelled: when time was up before it was done once.
            EngineError: if an engine could not do it.
        """
        work = getattr(self, f"_{row.work}")(row)
        model = self._recognisers.model if row.precision and self._recognisers else None
        walls: list[float] = []
        told: dict[str, Any] = {}
        while len(walls) < MOST_RUNS and sum(walls) + sum(walls[-1:]) <= LONGEST_RUNS:
            passes = Passes()
            try:
                with passes.of(model), Watch(self._card) as watch:
                    result = work()
            except Cancelled:
                if not walls:
                    raise
                break
            walls.append(watch.wall)
            told = _told(passes.read()) | watch.costs() | result
        seconds, best = self._audios[row.audio].seconds, min(walls)
        self._done.append(Done(row, seconds / walls[0]))
        times = {"first_s": round(walls[0], 3), "wall_s": round(best, 3)}
        return asdict(row) | times | {"rtfx": round(seconds / best, 1)} | told

    def expected(self, row: Row) -> float:
        """Return the seconds a row will about take, with all that has to be loaded for it."""
        guesses = GUESSES[self._device]
        kind = "pyannote" if row.diarizer == "pyannote" else row.work
        guess = guesses.get(kind, min(guesses["words"], guesses["speakers"]))
        work = gpu_plan.expected_seconds(row, self._audios[row.audio].seconds, self._done, guess)
        if row.precision is None or self._recognisers is None:
            return work
        work += self._recognisers.warm_up
        if self._recognisers.is_loaded(row.precision):
            return work
        loads = self._recognisers.loads.values()
        took = (each["load_s"] + each.get("calibrate_s", 0.0) for each in loads)
        return work + max(took, default=LOAD_GUESS)

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


def _told(passes: list[tuple[int, int, list[int]]]) -> dict[str, float | None]:
    """Return what went through the network; None where nothing did."""
    return {
        "passes": len(passes) or None,
        "largest_pass": max((count for count, _, _ in passes), default=None),
        "padding": round(gpu_plan.padding_share(passes), 3) if passes else None,
    }
