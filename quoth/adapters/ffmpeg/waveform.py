"""Decoded samples on disk."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quoth.domain.audio import SAMPLE_RATE, Samples, Waveform

BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class PcmFile(Waveform):
    """A file of 16 kHz mono little-endian 16-bit samples without a header.

    Each read maps only what it reads and lets go of it again, so that neither a ten-hour file nor
    two branches reading it side by side add to resident memory.
    """

    path: Path
    count: int

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return SAMPLE_RATE

    @property
    def sample_count(self) -> int:
        """Number of samples in all."""
        return self.count

    def samples(self, first: int, last: int) -> Samples:
        """Return samples `[first, last)`, clipped to what exists."""
        first, last = max(0, first), min(last, self.count)
        if last <= first:
            return np.zeros(0, dtype=np.float32)
        piece = np.memmap(
            self.path, dtype="<i2", mode="r", offset=first * BYTES_PER_SAMPLE, shape=(last - first,)
        )
        samples: Samples = np.multiply(piece, np.float32(1 / 32768), dtype=np.float32)
        return samples
