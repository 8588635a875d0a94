"""From slots with speakers in overlapping windows to turns in time."""

import numpy as np
from numpy.typing import NDArray

from quoth.adapters.onnx.segmentation import (
    FIRST_FRAME,
    FRAME,
    SLOTS,
    WINDOW_FRAMES,
    Segmentation,
)
from quoth.domain.diarization import SpeakerTurn
from quoth.domain.transcript import speaker_ids

_BLOCK_WINDOWS = 256

Active = NDArray[np.bool_]
"""Which speaker is active at which frame, shape (speakers, frames)."""


def vote(
    segmentation: Segmentation,
    slots: NDArray[np.intp],
    corrections: NDArray[np.intp],
    speakers: int,
) -> NDArray[np.uint8]:
    """Count for each frame how many windows hear each speaker there: (speakers, frames).

    Args:
        segmentation: active slots.
        slots: the speaker of each slot, -1 for nobody, shape (windows, 3).
        corrections: window x 3 + slot, first and last frame within the window, and the speaker
            of that stretch, shape (n, 4), in order.
        speakers: how many there are.
    """
    grid = segmentation.grid
    votes = np.zeros((speakers, grid.frames), np.uint8)
    for first in range(0, grid.count, _BLOCK_WINDOWS):
        last = min(first + _BLOCK_WINDOWS, grid.count)
        owners = np.repeat(slots[first:last, :, None].astype(np.int16), WINDOW_FRAMES, axis=2)
        here = np.searchsorted(corrections[:, 0], [first * SLOTS, last * SLOTS])
        for slot, start, end, speaker in corrections[slice(*here)]:
            owners[slot // SLOTS - first, slot % SLOTS, start:end] = speaker
        owners[~segmentation.activity(first, last)] = -1
        for speaker in range(speakers):
            is_heard = (owners == speaker).any(axis=1)
            for index, window in enumerate(is_heard, start=first):
                start = index * grid.step_frames
                votes[speaker, start : start + WINDOW_FRAMES] += window
    return votes


def most_voted(votes: NDArray[np.uint8], speaker_count: NDArray[np.uint8]) -> Active:
    """Return the speakers with most votes at each frame, at most as many as speak there."""
    votes = votes.copy()
    active = np.zeros(votes.shape, bool)
    for rank in range(int(speaker_count.max(initial=0))):
        frames = np.flatnonzero(speaker_count > rank)
        best = votes[:, frames].argmax(axis=0)
        active[best, frames] |= votes[best, frames] > 0
        votes[best, frames] = 0
    return active


def make_turns(active: Active, duration: float) -> list[tuple[float, float, int]]:
    """Return start, end and speaker of each unbroken activity, in order, within the duration."""
    turns = []
    for speaker, frames in enumerate(active):
        edges = np.flatnonzero(np.diff(frames.astype(np.int8), prepend=0, append=0))
        times = np.minimum(edges * FRAME + FIRST_FRAME, duration).reshape(-1, 2)
        turns += [(float(a), float(b), speaker) for a, b in times if a < b]
    return sorted(turns)


def name_speakers(turns: list[tuple[float, float, int]]) -> dict[int, str]:
    """Name speakers A, B, ... in order of first appearance."""
    order = list(dict.fromkeys(speaker for _, _, speaker in turns))
    return dict(zip(order, speaker_ids(len(order)), strict=True))


def named(turns: list[tuple[float, float, int]], names: dict[int, str]) -> tuple[SpeakerTurn, ...]:
    """Return turns with the names of their speakers, in order."""
    return tuple(sorted(SpeakerTurn(start, end, names[who]) for start, end, who in turns))
