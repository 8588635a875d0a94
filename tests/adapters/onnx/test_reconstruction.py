from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from quoth.adapters.onnx.reconstruction import (
    make_turns,
    most_voted,
    name_speakers,
    named,
    vote,
)
from quoth.adapters.onnx.segmentation import (
    FIRST_FRAME,
    FRAME,
    SLOTS,
    WINDOW_FRAMES,
    Segmentation,
    WindowGrid,
)

NO_CORRECTIONS = np.zeros((0, 4), np.intp)
VOTES = st.tuples(st.integers(1, 4), st.integers(1, 60)).flatmap(
    lambda shape: st.tuples(
        arrays(np.uint8, shape, elements=st.integers(0, 7)),
        arrays(np.uint8, shape[1:], elements=st.integers(0, 3)),
    )
)


def heard(active: NDArray[np.bool_], step_frames: int = 96) -> Segmentation:
    """A segmentation with this activity, shape (windows, 3, 589)."""
    grid = WindowGrid(len(active), step_frames)
    return Segmentation(grid, np.packbits(active, axis=-1), np.ones(grid.frames, np.uint8))


@given(VOTES)
def test_exclusive_turns_never_overlap_and_lie_within_turns_of_the_same_speaker(
    drawn: tuple[NDArray[np.uint8], NDArray[np.uint8]],
) -> None:
    votes, speaker_count = drawn
    turns = make_turns(most_voted(votes, speaker_count), 1e6)
    exclusive = make_turns(most_voted(votes, np.minimum(speaker_count, 1)), 1e6)
    assert all(a[1] <= b[0] for a, b in pairwise(exclusive))
    assert all(
        any(who == own and start <= first and last <= end for start, end, own in turns)
        for first, last, who in exclusive
    )


@given(VOTES)
def test_no_more_speak_than_are_counted_and_nobody_without_a_vote(
    drawn: tuple[NDArray[np.uint8], NDArray[np.uint8]],
) -> None:
    votes, speaker_count = drawn
    active = most_voted(votes, speaker_count)
    assert (active.sum(axis=0) == np.minimum(speaker_count, (votes > 0).sum(axis=0))).all()
    assert not active[votes == 0].any()


def test_windows_vote_where_they_lie_in_time() -> None:
    active = np.zeros((2, SLOTS, WINDOW_FRAMES), bool)
    active[0, 1, 100:200] = True
    active[1, 0, 4:104] = True
    slots = np.array([[-1, 1, -1], [1, -1, -1]])
    votes = vote(heard(active), slots, NO_CORRECTIONS, speakers=2)
    assert votes[0].max() == 0
    assert np.flatnonzero(votes[1] == 2).tolist() == list(range(100, 200))
    assert votes[1].sum() == 200


def test_a_slot_of_nobody_has_no_vote() -> None:
    active = np.ones((1, SLOTS, WINDOW_FRAMES), bool)
    assert not vote(heard(active), np.full((1, SLOTS), -1), NO_CORRECTIONS, speakers=2).any()


def test_a_corrected_stretch_votes_for_the_other_speaker() -> None:
    active = np.zeros((300, SLOTS, WINDOW_FRAMES), bool)
    active[280, 2, 10:90] = True
    slots = np.zeros((300, SLOTS), np.intp)
    corrections = np.array([[280 * SLOTS + 2, 40, 60, 1]])
    votes = vote(heard(active), slots, corrections, speakers=2)
    start = 280 * 96
    assert np.flatnonzero(votes[1]).tolist() == list(range(start + 40, start + 60))
    assert votes[0].sum() == 60


def test_turns_end_with_the_recording() -> None:
    active = np.ones((1, 100), bool)
    assert make_turns(active, 0.5) == [(FIRST_FRAME, 0.5, 0)]
    assert make_turns(active, 0.01) == []
    assert make_turns(active, 10.0) == [(FIRST_FRAME, 100 * FRAME + FIRST_FRAME, 0)]


def test_speakers_are_named_by_first_appearance() -> None:
    turns = [(0.0, 1.0, 2), (0.5, 2.0, 0), (3.0, 4.0, 2), (5.0, 6.0, 1)]
    names = name_speakers(turns)
    assert names == {2: "A", 0: "B", 1: "C"}
    assert [turn.speaker for turn in named(turns, names)] == ["A", "B", "A", "C"]
