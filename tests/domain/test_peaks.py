"""The outline of a waveform."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.peaks import SAMPLES_PER_PEAK, peaks_of


def test_each_stretch_has_its_lowest_and_highest_sample() -> None:
    samples = np.zeros(3 * SAMPLES_PER_PEAK, np.float32)
    samples[5], samples[SAMPLES_PER_PEAK], samples[-1] = 0.5, -1.0, 1.0
    assert peaks_of(ArrayWaveform(samples)).values.tolist() == [[0, 64], [-127, 0], [0, 127]]


@given(st.integers(0, 4 * SAMPLES_PER_PEAK), st.floats(0.0078125, 1.0, width=32))
def test_no_sample_is_left_out(count: int, level: float) -> None:
    values = peaks_of(ArrayWaveform(np.full(count, level, np.float32))).values
    assert len(values) == -(-count // SAMPLES_PER_PEAK)
    assert set(values[:, 1].tolist()) <= {round(level * 127)}


def test_length_does_not_matter_where_blocks_meet() -> None:
    samples = np.zeros(3001 * SAMPLES_PER_PEAK, np.float32)
    samples[3000 * SAMPLES_PER_PEAK] = 1.0
    values = peaks_of(ArrayWaveform(samples)).values
    assert np.flatnonzero(values[:, 1]).tolist() == [3000]
