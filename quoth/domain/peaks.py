"""The outline of a waveform, for a page to draw without reading the audio."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import Waveform

SAMPLES_PER_PEAK = 1600
"""A tenth of a second: 72 kB for each hour."""
_BLOCK_PEAKS = 3000


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """The smallest and the largest sample of each stretch, int8, shape (n, 2)."""

    sample_rate: int
    values: NDArray[np.int8]


def peaks_of(waveform: Waveform) -> Peaks:
    """Return the outline of a waveform, read a few minutes at a time."""
    blocks = []
    step = SAMPLES_PER_PEAK * _BLOCK_PEAKS
    for first in range(0, waveform.sample_count, step):
        samples = waveform.samples(first, first + step)
        missing = -len(samples) % SAMPLES_PER_PEAK
        stretches = np.pad(samples, (0, missing)).reshape(-1, SAMPLES_PER_PEAK)
        outline = np.stack([stretches.min(axis=1), stretches.max(axis=1)], axis=1)
        blocks.append(np.clip(np.rint(outline * 127), -128, 127).astype(np.int8))
    return Peaks(waveform.sample_rate, np.concatenate(blocks or [np.empty((0, 2), np.int8)]))
