"""Who of up to three local speakers is active when, in overlapping windows of ten seconds.

The network is pyannote segmentation-3.0 (Plaquet and Bredin, "Powerset multi-class cross entropy
loss for neural speaker diarization", Interspeech 2023). A speaker in one window is a *slot*: slot
1 of a window has nothing to do with slot 1 of the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quoth.adapters.onnx.sessions import Network
from quoth.domain.audio import SAMPLE_RATE, Samples, Waveform
from quoth.ports.progress import Progress

SLOTS = 3
WINDOW_SAMPLES = 160_000
WINDOW_FRAMES = 589
FRAME_SAMPLES = 270
FRAME = FRAME_SAMPLES / SAMPLE_RATE
FIRST_FRAME = 991 / 2 / SAMPLE_RATE
"""Seconds at which the first frame has its middle."""
STEP_GRID = 32
"""Steps are multiples of this many frames, 0.54 s: there frames of sound features begin too."""
PACKED_FRAMES = -(-WINDOW_FRAMES // 8)
_BATCH_WINDOWS = 4
_POWERSET = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=bool
)
_CLASS_SPEAKERS = _POWERSET.sum(axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class WindowGrid:
    """Where the windows lie: `count` of them, `step_frames` apart."""

    count: int
    step_frames: int

    @classmethod
    def over(cls, sample_count: int, step: float) -> "WindowGrid":
        """Return windows about `step` seconds apart that cover all samples."""
        steps = min(max(1, round(step / (STEP_GRID * FRAME))), WINDOW_FRAMES // STEP_GRID)
        step_frames = steps * STEP_GRID
        beyond = max(0, sample_count - WINDOW_SAMPLES)
        count = 1 + -(-beyond // (step_frames * FRAME_SAMPLES)) if sample_count else 0
        return cls(count, step_frames)

    @property
    def frames(self) -> int:
        """Number of frames that the windows cover together."""
        return (self.count - 1) * self.step_frames + WINDOW_FRAMES if self.count else 0

    @property
    def step(self) -> float:
        """Seconds between the starts of two windows."""
        return self.step_frames * FRAME


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """What the network found.

    Args:
        grid: where the windows lie.
        packed: a bit for each frame of a slot that is active, uint8 (windows, 3, 74).
        speaker_count: how many speak at each frame of the whole, uint8 (frames,).
    """

    grid: WindowGrid
    packed: NDArray[np.uint8]
    speaker_count: NDArray[np.uint8]

    def activity(self, first: int, last: int) -> NDArray[np.bool_]:
        """Return which slots of windows `[first, last)` are active when: (windows, 3, 589)."""
        bits = np.unpackbits(self.packed[first:last], axis=-1, count=WINDOW_FRAMES)
        return bits.astype(bool)


def segment(
    network: Network, waveform: Waveform, grid: WindowGrid, progress: Progress
) -> Segmentation:
    """Run the network over all windows.

    The number of speakers at a frame is what the windows over it expect on average; the active
    slots are those of the likeliest class.
    """
    packed = np.zeros((grid.count, SLOTS, PACKED_FRAMES), np.uint8)
    expected = np.zeros(grid.frames, np.float32)
    for first, windows in _batches(waveform, grid):
        scores = network(windows)
        active = _POWERSET[scores.argmax(axis=-1)]
        last = first + len(windows)
        packed[first:last] = np.packbits(active.transpose(0, 2, 1), axis=-1)
        for index, speakers in enumerate(np.exp(scores) @ _CLASS_SPEAKERS, start=first):
            start = index * grid.step_frames
            expected[start : start + WINDOW_FRAMES] += speakers
        progress(last / grid.count)
    speaker_count = np.rint(expected / np.maximum(_windows_over(grid), 1)).astype(np.uint8)
    return Segmentation(grid, packed, speaker_count)


def _batches(waveform: Waveform, grid: WindowGrid) -> Iterator[tuple[int, Samples]]:
    step_samples = grid.step_frames * FRAME_SAMPLES
    for first in range(0, grid.count, _BATCH_WINDOWS):
        count = min(_BATCH_WINDOWS, grid.count - first)
        padded = np.zeros((count - 1) * step_samples + WINDOW_SAMPLES, np.float32)
        start = first * step_samples
        samples = waveform.samples(start, start + len(padded))
        padded[: len(samples)] = samples
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::step_samples]
        yield first, np.ascontiguousarray(windows[:, None])


def _windows_over(grid: WindowGrid) -> NDArray[np.int32]:
    """Return how many windows cover each frame."""
    change = np.zeros(grid.frames + 1, np.int32)
    starts = np.arange(grid.count) * grid.step_frames
    np.add.at(change, starts, 1)
    np.add.at(change, starts + WINDOW_FRAMES, -1)
    return np.cumsum(change[:-1], dtype=np.int32)
