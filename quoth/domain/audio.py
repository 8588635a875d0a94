"""Sound and stretches of time. Time is float seconds; samples are counted as integers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second of every waveform that reaches an engine."""

Samples: TypeAlias = NDArray[np.float32]
"""Mono samples in [-1, 1], shape (n,)."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The stretch of time `[start, end)` in seconds.

    Raises:
        ValueError: if a bound is not finite, negative, or the end precedes the start.
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        if not (isfinite(self.start) and isfinite(self.end) and 0 <= self.start <= self.end):
            raise ValueError(f"not an interval: [{self.start}, {self.end})")

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    def overlap(self, other: "Interval") -> float:
        """Seconds that both intervals cover."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))


class Waveform(ABC):
    """Mono samples and their rate, read a piece at a time so that length costs no memory.

    Implementations can be pickled: they cross to the inference process by reference (a path),
    not by value.
    """

    @property
    @abstractmethod
    def sample_rate(self) -> int:
        """Samples per second."""

    @property
    @abstractmethod
    def sample_count(self) -> int:
        """Number of samples in all."""

    @abstractmethod
    def samples(self, first: int, last: int) -> Samples:
        """Return samples `[first, last)`, clipped to what exists: float32, shape (n,)."""

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.sample_count / self.sample_rate

    def cut(self, interval: Interval) -> Samples:
        """Return the samples of an interval, clipped to the waveform."""
        return self.samples(
            round(interval.start * self.sample_rate), round(interval.end * self.sample_rate)
        )
