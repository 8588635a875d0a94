"""Engines for live tests: what is heard is in the sound itself.

A tone of loudness `(n + 1) / 100` for half a second is the word `word<n>`; silence is silence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from threading import Event

import numpy as np

from quoth.adapters.memory.engines import FakeTranscriber
from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.streaming import StreamMemory, StreamTask, StreamWords
from quoth.ports.transcriber import EngineInfo, WindowTask

WORD_SECONDS = 0.5


def said(numbers: Iterable[int], rate: int = SAMPLE_RATE) -> Samples:
    """Return the sound of words."""
    size = int(WORD_SECONDS * rate)
    return np.concatenate([np.full(size, (n + 1) / 100, np.float32) for n in numbers])


def silence(seconds: float, rate: int = SAMPLE_RATE) -> Samples:
    return np.zeros(int(seconds * rate), np.float32)


def pcm(samples: Samples) -> bytes:
    return np.rint(samples * 32767).astype("<i2").tobytes()


def heard(samples: Samples) -> list[Word]:
    """Return the words whose loudness lasts for a tenth of a second at least."""
    numbers = np.rint(samples * 100).astype(int) - 1
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    words = []
    for start, end in pairwise(edges):
        if end - start >= SAMPLE_RATE // 10 and numbers[start] >= 0:
            times = start / SAMPLE_RATE, end / SAMPLE_RATE
            words.append(Word(f"word{numbers[start]}", *times, confidence=0.9))
    return words


@dataclass(slots=True)
class LoudnessTranscriber(FakeTranscriber):
    """Hears words in loudness; while it may not go on, it waits."""

    may_go_on: Event = field(default_factory=Event)
    is_asked: Event = field(default_factory=Event)
    seconds: list[float] = field(default_factory=list[float])
    drafts: list[bool] = field(default_factory=list[bool])
    prompts: list[str | None] = field(default_factory=list[str | None])
    told: list[list[Word]] = field(default_factory=list[list[Word]])
    at_once: int = 0
    most_at_once: int = 0
    error: Exception | None = None

    def __post_init__(self) -> None:
        self.may_go_on.set()

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.is_asked.set()
        try:
            while not self.may_go_on.wait(0.05):
                progress(0.0)
            if self.error is not None:
                raise self.error
            self.seconds += [task.window.interval.duration for task in tasks]
            self.drafts += [task.is_draft for task in tasks]
            self.prompts += [task.options.prompt for task in tasks]
            found = [heard(task.waveform.cut(task.window.interval)) for task in tasks]
            self.told += found
            return found
        finally:
            self.at_once -= 1


RIGHT_SECONDS = 0.75
"""Of sound that a word needs behind it for `LoudnessStreamer` to be sure of it."""


@dataclass(slots=True)
class LoudnessStreamer(LoudnessTranscriber):
    """Hears the same words in streams: each is settled once, however the sound comes in.

    `seconds` counts what it heard anew; what it keeps of a stream is the number of words told.
    """

    streams: int = 0

    @property
    def info(self) -> EngineInfo:
        return replace(FakeTranscriber(batch_seconds=self.batch_seconds).info, has_streaming=True)

    def advance(self, tasks: Sequence[StreamTask], progress: Progress) -> list[StreamWords]:
        self.is_asked.set()
        while not self.may_go_on.wait(0.05):
            progress(0.0)
        if self.error is not None:
            raise self.error
        progress(1.0)
        self.batches.append(len(tasks))
        return [self._advanced(task) for task in tasks]

    def _advanced(self, task: StreamTask) -> StreamWords:
        first = task.memory.needed_from if task.memory else 0
        told = int(task.memory.arrays["told"]) if task.memory else 0
        self.streams += task.memory is None
        count = task.sound.sample_count
        there = (first + count) / SAMPLE_RATE
        words = [
            replace(
                word, start=word.start + first / SAMPLE_RATE, end=word.end + first / SAMPLE_RATE
            )
            for word in heard(task.sound.samples(0, count))
        ]
        sure = [word for word in words if task.is_last or word.end + RIGHT_SECONDS <= there]
        needed_from = round(sure[-1].end * SAMPLE_RATE) if sure else first
        if not words:  # silence, and what may be the beginning of a word
            needed_from = max(first, first + count - SAMPLE_RATE // 10)
        self.seconds.append((needed_from - first) / SAMPLE_RATE)
        memory = StreamMemory(needed_from, {"told": np.array(told + len(sure))})
        return StreamWords(tuple(sure), tuple(words[len(sure) :]), memory)
