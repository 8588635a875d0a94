"""What a live session needs beside an engine: hearing voices, other sample rates, a recording."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import Samples


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What a `SpeechMeter` remembers between two calls; only the meter knows what is in it."""

    state: NDArray[np.float32]


class SpeechMeter(Protocol):
    """Tells how likely each frame is speech, while it comes in; it keeps nothing between calls."""

    def listen(
        self, samples: Samples, hearing: Hearing | None = None
    ) -> tuple[list[float], Hearing]:
        """Return the probability of each frame, and what to give with the next samples.

        Args:
            samples: whole frames of 512 samples at 16 kHz.
            hearing: what the call before returned; None at the beginning.

        Raises:
            EngineError: if it could not do it.
        """


class Resampler(Protocol):
    """Turns a stream of 16-bit samples into one at 16 kHz."""

    def feed(self, pcm: bytes) -> Samples:
        """Return what is ready: float32 in [-1, 1], shape (n,)."""

    def flush(self) -> Samples:
        """Return the rest; the next sound is the beginning of another stream."""


MakeResampler: TypeAlias = Callable[[int], Resampler]
"""Makes a resampler from so many samples per second, mono."""


class LiveRecording(Protocol):
    """A recording that is being made."""

    def write(self, pcm: bytes) -> None:
        """Put samples at its end.

        Raises:
            OutOfDisk: if there is no room for them.
        """

    def finish(self) -> Path:
        """Return the file, whole; nothing can be written any more."""

    def lend(self, target: Path) -> None:
        """Give the file, once whole, another name as well."""


MakeRecording: TypeAlias = Callable[[Path, int], LiveRecording]
"""Begins a recording in a folder, at so many samples per second."""
