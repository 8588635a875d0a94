"""Speech of any length: a recording, or the packaged clip, repeated; and its windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np

from bench import random_parakeet
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.audio import SAMPLE_RATE, Interval, Samples
from quoth.domain.windowing import Window, WindowLimits, plan_windows
from quoth.ports.transcriber import TranscriptionOptions, WindowTask

CLIP = Path("quoth/bootstrap/self-test.ogg")
RECORDING = Path("podcast-17min/podcast-17min.flac")
CLIP_SECONDS = 10.0
OPTIONS = TranscriptionOptions("en")


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """What is transcribed: one recording, or many clips.

    Args:
        waveform: all of it.
        windows: of it, as they go to the engine.
    """

    waveform: ArrayWaveform
    windows: Sequence[Window]

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.waveform.duration

    def tasks(self, windows: Sequence[Window]) -> list[WindowTask]:
        """Return windows as an engine takes them."""
        return [WindowTask(self.waveform, window, OPTIONS) for window in windows]


def recording(samples: Samples, speech: Sequence[Interval] | None, longest: float) -> Audio:
    """Return samples as one recording.

    Args:
        samples: at 16 kHz, shape (n,).
        speech: where somebody speaks; None cuts evenly, where no speech detector is.
        longest: seconds of a window at most.
    """
    waveform = ArrayWaveform(samples)
    if speech is None:
        count = ceil(waveform.duration / longest)
        bounds = np.linspace(0.0, waveform.duration, count + 1)
        windows = [Window(Interval(float(start), float(end))) for start, end in pairwise(bounds)]
    else:
        windows = plan_windows(speech, waveform.duration, WindowLimits(longest))
    return Audio(waveform, windows)


def clips(samples: Samples, count: int) -> Audio:
    """Return samples as so many clips of 10 s, repeated where they do not suffice."""
    waveform = ArrayWaveform(np.resize(samples, round(count * CLIP_SECONDS * SAMPLE_RATE)))
    starts = [index * CLIP_SECONDS for index in range(count)]
    return Audio(waveform, [Window(Interval(start, start + CLIP_SECONDS)) for start in starts])


def repeated(
    samples: Samples, speech: Sequence[Interval] | None, seconds: float
) -> tuple[Samples, list[Interval] | None]:
    """Return sound, and where in it somebody speaks, again and again up to a length."""
    long = np.resize(samples, round(seconds * SAMPLE_RATE))
    if speech is None:
        return long, None
    once = len(samples) / SAMPLE_RATE
    offsets = [index * once for index in range(ceil(seconds / once))]
    return long, [
        Interval(offset + each.start, min(offset + each.end, seconds))
        for offset in offsets
        for each in speech
        if offset + each.start < seconds
    ]


def read_speech(folder: str | None, seconds: float) -> tuple[Samples, str]:
    """Return at most so many seconds of a conversation at 16 kHz, and what it is.

    Args:
        folder: with `podcast-17min/podcast-17min.flac`; without it the packaged clip is taken.
        seconds: that are needed.
    """
    path = Path(folder) / RECORDING if folder else None
    if path is None or not path.is_file():
        path = Path(__file__).resolve().parents[1] / CLIP
    return random_parakeet.read_speech(path, seconds), path.stem


def vad_model() -> Path | None:
    """Return silero's network, which comes with faster-whisper; nothing of that is imported."""
    found = find_spec("faster_whisper")
    folders = list(found.submodule_search_locations or []) if found else []
    paths = [Path(folder) / "assets" / "silero_vad_v6.onnx" for folder in folders]
    return next((path for path in paths if path.is_file()), None)
