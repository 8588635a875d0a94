"""Waveforms that live in memory."""

from dataclasses import dataclass

import numpy as np

from quoth.domain.audio import SAMPLE_RATE, Samples, Waveform


@dataclass(frozen=True, slots=True, eq=False)
class ArrayWaveform(Waveform):
    """A waveform around an array: float32 in [-1, 1], shape (n,)."""

    array: Samples
    rate: int = SAMPLE_RATE

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return self.rate

    @property
    def sample_count(self) -> int:
        """Number of samples in all."""
        return len(self.array)

    def samples(self, first: int, last: int) -> Samples:
        """Return samples `[first, last)`, clipped to what exists."""
        return np.asarray(self.array[max(0, first) : max(0, last)], dtype=np.float32)
