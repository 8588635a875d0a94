"""Engines that recognise nothing and still behave: a known word every half second.

They stand in where the machinery around an engine is what matters: throughput, cancelling,
crashes. `Fault` makes them fail the way real engines do.
"""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import SAMPLE_RATE, Interval, Samples, Waveform
from quoth.domain.diarization import (
    Diarization,
    SpeakerEvidence,
    SpeakerHints,
    SpeakerTurn,
)
from quoth.domain.errors import EngineFailed, EngineLost, EngineOutOfMemory, InvalidEvidence
from quoth.domain.transcript import Word, speaker_ids
from quoth.domain.voice_activity import FRAME_SAMPLES
from quoth.domain.windowing import Window
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.language_detector import LanguageGuess
from quoth.ports.live import Hearing
from quoth.ports.progress import Progress, unobserved
from quoth.ports.speech_detector import USUAL_SPEECH, SpeechCriteria
from quoth.ports.transcriber import EngineInfo, TranscriptionOptions, WindowTask

ENGLISH = LanguageGuess("en", 0.9)
WORD_SECONDS = 0.5
TURN_SECONDS = 5.0
STEP_SECONDS = 0.02
VOICES = 100


class Fault(Enum):
    """How an engine fails in the middle of its work."""

    FAIL = "fail"
    RAISE = "raise"
    DIE = "die"
    STOP = "stop"
    BLOCK = "block"
    LOSE = "lose"
    EXHAUST = "exhaust"

    def happen(self) -> None:
        """Fail now."""
        errors: dict[Fault, Exception] = {
            Fault.FAIL: EngineFailed("fake", "injected failure"),
            Fault.RAISE: RuntimeError("injected fault"),
            Fault.LOSE: EngineLost("fake", "injected loss"),
            Fault.EXHAUST: EngineOutOfMemory("fake", 30.0, "injected lack"),
        }
        if self in errors:
            raise errors[self]
        if self is Fault.DIE:
            os.kill(os.getpid(), signal.SIGKILL)
        elif self is Fault.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            time.sleep(60)


def work(seconds: float, fault: Fault | None, progress: Progress) -> None:
    """Take this long, report on the way, and fail halfway if a fault is given."""
    steps = max(2, round(seconds / STEP_SECONDS))
    for step in range(steps):
        if fault is not None and step == steps // 2:
            fault.happen()
        progress(step / steps)
        time.sleep(seconds / steps)
    progress(1.0)


def known_words(interval: Interval) -> list[Word]:
    """Return the words that lie wholly inside an interval, times relative to its start."""
    first = int(np.ceil(interval.start / WORD_SECONDS - 1e-9))
    last = int(np.floor(interval.end / WORD_SECONDS + 1e-9))
    return [
        Word(
            f"word{index}",
            max(0.0, index * WORD_SECONDS - interval.start),
            max(0.0, (index + 0.8) * WORD_SECONDS - interval.start),
            confidence=0.9,
        )
        for index in range(first, last)
    ]


@dataclass(slots=True)
class FakeTranscriber:
    """A `Transcriber` and `LanguageDetector` that hears `known_words`.

    It records the size of its batches, and every window with how it was to be recognised.
    """

    seconds_per_window: float = 0.0
    fault: Fault | None = None
    batch_seconds: float = 60.0
    engine: str = "fake"
    languages: tuple[str, ...] = ("de", "en")
    guess: LanguageGuess = ENGLISH
    has_keywords: bool = False
    has_prompt: bool = False
    has_translation: bool = False
    batches: list[int] = field(default_factory=list)
    asked: list[tuple[Window, TranscriptionOptions]] = field(default_factory=list)

    @property
    def info(self) -> EngineInfo:
        """What it is."""
        return EngineInfo(
            engine=self.engine,
            model=self.engine,
            languages=self.languages,
            sample_rate=SAMPLE_RATE,
            longest_window=30.0,
            batch_seconds=self.batch_seconds,
            device="cpu",
            provider="memory",
            has_language_detection=True,
            has_keywords=self.has_keywords,
            has_prompt=self.has_prompt,
            has_translation=self.has_translation,
        )

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        """Return the known words of each window."""
        self.batches.append(len(tasks))
        self.asked += [(task.window, task.options) for task in tasks]
        work(self.seconds_per_window * len(tasks), self.fault, progress)
        return [known_words(task.window.interval) for task in tasks]

    def detect_language(
        self,
        waveform: Waveform,
        windows: Sequence[Window],
        progress: Progress,
        candidates: Sequence[str] = (),
    ) -> LanguageGuess | None:
        """Return the guess it is made with where there is anything to hear and it may be true."""
        progress(1.0)
        if not (windows and waveform.sample_count):
            return None
        is_allowed = not candidates or self.guess.language in candidates
        return self.guess if is_allowed else LanguageGuess(candidates[0], 1 / len(candidates))


@dataclass(slots=True)
class FakeSpeechDetector:
    """A `SpeechDetector` that takes everything louder than silence for one stretch of speech.

    It records what it was asked for.
    """

    asked: list[SpeechCriteria] = field(default_factory=list)

    def detect_speech(
        self, waveform: Waveform, progress: Progress, criteria: SpeechCriteria = USUAL_SPEECH
    ) -> list[Interval]:
        """Return the whole waveform, or nothing where it is silent."""
        self.asked.append(criteria)
        progress(1.0)
        is_silent = not np.any(waveform.samples(0, waveform.sample_count))
        return [] if is_silent else [Interval(0.0, waveform.duration)]


class FakeSpeechMeter:
    """A `SpeechMeter` that takes whatever is louder than silence for speech."""

    def listen(
        self, samples: Samples, hearing: Hearing | None = None
    ) -> tuple[list[float], Hearing]:
        """Return 1 for each frame in which there is something."""
        frames = samples.reshape(-1, FRAME_SAMPLES)
        heard = [float(np.abs(frame).max() > 0) for frame in frames]
        return heard, hearing or Hearing(np.zeros(1, np.float32))


@dataclass(slots=True)
class FakeDiarizer:
    """A `Diarizer` that hears as many voices as it is made with, in turns of five seconds.

    How loud a waveform begins says whose voice is the first: the same one from 0.1 on.
    """

    needs_no_turn: ClassVar[frozenset[str]] = frozenset({"cluster"})

    voices: int = 2
    seconds: float = 0.0
    fault: Fault | None = None

    @property
    def info(self) -> DiarizerInfo:
        """What it is."""
        return DiarizerInfo("fake", "fake", "cpu")

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:
        """Note how long the audio is and how many voices there are to find."""
        work(self.seconds, self.fault, progress)
        first = waveform.samples(0, 1)
        arrays: dict[str, NDArray[np.generic]] = {
            "voices": np.array(self.voices),
            "first": np.array(round(float(first.sum()) * 10) - 1 if len(first) else 0),
        }
        return SpeakerEvidence("fake-1", waveform.duration, arrays)

    def cluster(
        self, evidence: SpeakerEvidence, hints: SpeakerHints, progress: Progress = unobserved
    ) -> Diarization:
        """Give the turns to the voices in rotation."""
        if evidence.kind != "fake-1":
            raise InvalidEvidence(f"made by {evidence.kind}")
        progress(0.0)
        there = int(evidence.arrays["voices"])
        count = min(there, hints.exact or max(hints.fewest, min(there, hints.most or there)))
        ids = speaker_ids(count)
        starts = np.arange(0.0, evidence.duration, TURN_SECONDS)
        turns = tuple(
            SpeakerTurn(start, min(start + TURN_SECONDS, evidence.duration), ids[index % count])
            for index, start in enumerate(starts.tolist())
        )
        voices = np.roll(np.eye(VOICES, dtype=np.float32), -int(evidence.arrays["first"]), axis=0)
        return Diarization(turns, turns, {name: voices[index] for index, name in enumerate(ids)})
