from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.adapters.onnx.diarization import assign_slots
from quoth.adapters.onnx.embedding import long_stretches
from quoth.adapters.onnx.features import log_mel
from quoth.adapters.onnx.segmentation import FRAME_SAMPLES, WINDOW_SAMPLES, WindowGrid
from quoth.domain.audio import SAMPLE_RATE


def tone(hertz: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.sin(2 * np.pi * hertz * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)


@pytest.mark.parametrize(("hertz", "band"), [(300, 10), (1000, 27), (4000, 60)])
def test_a_tone_is_loudest_in_its_mel_band(hertz: float, band: int) -> None:
    features = log_mel(tone(hertz))
    assert features.shape == (98, 80)
    assert features.mean(axis=0).argmax() == band


def test_sound_shorter_than_a_frame_has_no_features() -> None:
    assert log_mel(np.zeros(399, np.float32)).shape == (0, 80)


def test_features_of_silence_are_finite() -> None:
    assert np.isfinite(log_mel(np.zeros(4000, np.float32))).all()


@given(st.integers(0, 10**9), st.floats(0.01, 30.0))
def test_windows_cover_all_samples_and_none_is_superfluous(samples: int, step: float) -> None:
    grid = WindowGrid.over(samples, step)
    step_samples = grid.step_frames * FRAME_SAMPLES
    end = (grid.count - 1) * step_samples + WINDOW_SAMPLES
    assert (grid.count == 0) == (samples == 0)
    assert grid.count == 0 or end >= samples
    assert grid.count <= 1 or end - step_samples < samples
    assert 0.5 < grid.step < 10


def test_one_long_stretch_says_no_more_than_the_slot() -> None:
    active = np.zeros(589, bool)
    active[100:300] = True
    active[400:420] = True
    assert long_stretches(active, 60) == []


def test_stretches_are_parted_by_pauses_not_by_blinks() -> None:
    active = np.zeros(589, bool)
    active[0:50] = active[55:100] = active[150:250] = active[580:589] = True
    assert long_stretches(active, 60) == [(0, 100), (150, 250)]


@given(st.lists(st.booleans(), max_size=589))
def test_stretches_are_in_order_long_and_start_and_end_active(frames: list[bool]) -> None:
    active = np.array(frames, bool)
    stretches = long_stretches(active, 20)
    assert all(last - first >= 20 for first, last in stretches)
    assert all(active[first] and active[last - 1] for first, last in stretches)
    assert all(a[1] < b[0] for a, b in pairwise(stretches))


def test_two_voices_of_a_window_are_two_speakers_even_if_both_are_nearer_to_one() -> None:
    nearness = np.array([[0.9, 0.2], [0.8, 0.7], [0.9, 0.1]], np.float32)
    assert assign_slots(nearness, np.array([0, 2, 3], np.int32)).tolist() == [0, 1, 0]


def test_with_fewer_speakers_than_voices_every_voice_still_has_one() -> None:
    nearness = np.array([[0.9], [0.8], [0.1]], np.float32)
    assert assign_slots(nearness, np.array([0, 1, 2], np.int32)).tolist() == [0, 0, 0]
