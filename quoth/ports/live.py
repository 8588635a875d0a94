"""What a live session needs beside an engine: hearing voices, other sample rates, a recording."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import Samples
from quoth.domain.jobs import JobOptions


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


@dataclass(frozen=True, slots=True)
class RecordingNote:
    """What a recording becomes when its session is over: whose job, called what, done how."""

    owner: str
    name: str
    options: JobOptions


class KeptRecording(Protocol):
    """A recording that is whole."""

    @property
    def id(self) -> str:
        """Its name, which no other has."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    def lend(self, target: Path) -> None:
        """Give the file another name as well."""

    def remove(self) -> None:
        """Forget it, as it is kept elsewhere."""

    def leave(self) -> None:
        """Leave it to whoever looks for recordings that were left behind."""


class LiveRecording(KeptRecording, Protocol):
    """A recording that is being made."""

    def write(self, pcm: bytes) -> None:
        """Put samples at its end: they are there if the process is killed.

        Raises:
            OutOfDisk: if there is no room for them.
        """

    def note(self, note: RecordingNote) -> None:
        """Write down what is to become of it now."""

    def finish(self) -> None:
        """Make it whole; nothing can be written any more."""


class LiveRecordings(Protocol):
    """Recordings of live sessions."""

    def begin(self, rate: int, note: RecordingNote) -> LiveRecording:
        """Begin one at so many samples per second.

        Raises:
            OutOfDisk: if there is no room for it.
        """

    def left(self) -> Iterator[tuple[KeptRecording, RecordingNote]]:
        """Give those of processes that are no more, made whole, each for as long as it is given.

        One in which nothing was heard is removed instead.
        """
