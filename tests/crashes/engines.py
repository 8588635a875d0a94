"""A decoder and engines that take their time, and whose answers depend on every sample.

What they make of a recording is the same in every process: a transcript tells whether a sample was
lost on the way to it.
"""

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.memory.engines import FakeDiarizer, FakeTranscriber
from quoth.domain.audio import SAMPLE_RATE, Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.domain.transcript import Word
from quoth.ports.audio_decoder import DecodedAudio, DecodeLimits
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.progress import Progress, unobserved
from quoth.ports.transcriber import EngineInfo, WindowTask
from tests.crashes.points import Book, Hold

PIECES = 10
"""In which each step does its work."""


def recording(seconds: int, seed: int) -> bytes:
    """Return a recording of so many seconds, for this decoder alone."""
    return f"{seconds} {seed}".encode()


def name_of(seconds: float) -> str:
    """Return what a recording of that length is called; in one run each has its own length."""
    return f"{round(seconds)}.wav"


@dataclass(frozen=True, slots=True)
class Desk:
    """What an engine of this module needs.

    Args:
        book: where it says that it began.
        hold: where it may be held up.
        step_seconds: how long its work takes.
    """

    book: Book
    hold: Hold
    step_seconds: float

    def work(self, step: str, seconds: float, progress: Progress) -> None:
        """Take the time that a step takes, for a recording of that length."""
        self.book.write("begin", step, name_of(seconds))
        for piece in range(PIECES):
            progress(piece / PIECES)
            if piece == self.hold.piece:
                self.hold(f"in {step}", name_of(seconds))
            time.sleep(self.step_seconds / PIECES)


@dataclass(frozen=True, slots=True)
class SlowDecoder:
    """An `AudioDecoder` that makes noise out of a recording, bit by bit."""

    desk: Desk

    def stated_duration(self, source: Path) -> float:
        return float(source.read_text().split()[0])

    def decode(
        self,
        source: Path,
        target: Path,
        limits: DecodeLimits,  # noqa: ARG002 - the port's signature
        progress: Progress,
    ) -> DecodedAudio:
        seconds, seed = (int(word) for word in source.read_text().split())
        noise = np.random.default_rng(seed)
        with target.open("wb") as file:

            def more(fraction: float) -> None:
                progress(fraction)
                piece = noise.integers(-9999, 9999, seconds * SAMPLE_RATE // PIECES)
                file.write(piece.astype("<i2").tobytes())
                file.flush()

            self.desk.work("decode", seconds, more)
        return DecodedAudio(PcmFile(target, target.stat().st_size // 2))


def _sum_of(waveform: Waveform, start: float = 0.0, end: float = 1e9) -> int:
    first, last = (round(time_ * SAMPLE_RATE) for time_ in (start, end))
    return zlib.crc32(waveform.samples(first, last).tobytes())


@dataclass(frozen=True, slots=True)
class SlowTranscriber:
    """A `Transcriber` that hears words made of the samples they are in."""

    desk: Desk

    @property
    def info(self) -> EngineInfo:
        return FakeTranscriber().info

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        self.desk.work("transcribe", tasks[0].waveform.duration, progress)
        return [self._words(task) for task in tasks]

    def _words(self, task: WindowTask) -> list[Word]:
        interval = task.window.interval
        heard = _sum_of(task.waveform, interval.start, interval.end)
        return [Word(f"word{heard:08x}", 0.1, min(0.9, interval.duration), confidence=0.5)]


@dataclass(frozen=True, slots=True)
class SlowDiarizer:
    """A `Diarizer` that hears one to three voices, as the samples have it."""

    desk: Desk

    @property
    def info(self) -> DiarizerInfo:
        return FakeDiarizer().info

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:
        self.desk.work("diarize", waveform.duration, progress)
        return FakeDiarizer(voices=1 + _sum_of(waveform) % 3).analyse(waveform, unobserved)

    def cluster(
        self, evidence: SpeakerEvidence, hints: SpeakerHints, progress: Progress = unobserved
    ) -> Diarization:
        self.desk.work("merge", evidence.duration, progress)
        return FakeDiarizer().cluster(evidence, hints, progress)
