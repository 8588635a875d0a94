"""The voices in the windows: an embedding for each slot, and for each longer stretch of it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quoth.adapters.onnx.hearing import HEARING_SAMPLES, Hearing, hear
from quoth.adapters.onnx.segmentation import (
    FRAME,
    FRAME_SAMPLES,
    SLOTS,
    WINDOW_FRAMES,
    WINDOW_SAMPLES,
    Segmentation,
)
from quoth.adapters.onnx.sessions import Network
from quoth.domain.audio import Waveform
from quoth.ports.progress import Progress

DIMENSION = 192
_WINDOW_HEARING = WINDOW_SAMPLES // HEARING_SAMPLES - 1
_FRAME_HEARD = np.minimum(
    (np.arange(_WINDOW_HEARING) * 2 + 1) * HEARING_SAMPLES // (2 * FRAME_SAMPLES),
    WINDOW_FRAMES - 1,
)
"""For each 20 ms of a window the segmentation frame it falls into."""
_FEWEST_HEARD = 10
_FEWEST_CLEAN = 16
_LONGEST_GAP = 6


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Embeddings of unit length in half precision, in order of time.

    Args:
        slots: window x 3 + slot of each voice, int32 (n,).
        clean_frames: frames in which that slot is active alone, int32 (n,).
        embeddings: float16 (n, 192).
        stretches: slot as above, first and last frame within the window, int32 (m, 3).
        stretch_embeddings: float16 (m, 192).
    """

    slots: NDArray[np.int32]
    clean_frames: NDArray[np.int32]
    embeddings: NDArray[np.float16]
    stretches: NDArray[np.int32]
    stretch_embeddings: NDArray[np.float16]


@dataclass(slots=True)
class _Gathered:
    """Voices found so far; embeddings as bytes, which grow in place and become arrays uncopied."""

    slots: list[int] = field(default_factory=list)
    clean_frames: list[int] = field(default_factory=list)
    embeddings: bytearray = field(default_factory=bytearray)
    stretches: list[tuple[int, int, int]] = field(default_factory=list)
    stretch_embeddings: bytearray = field(default_factory=bytearray)

    def joined(self) -> Voices:
        """Return everything as arrays."""
        return Voices(
            np.array(self.slots, np.int32),
            np.array(self.clean_frames, np.int32),
            np.frombuffer(self.embeddings, np.float16).reshape(-1, DIMENSION),
            np.array(self.stretches, np.int32).reshape(-1, 3),
            np.frombuffer(self.stretch_embeddings, np.float16).reshape(-1, DIMENSION),
        )


class VoiceEmbedder:
    """Makes embeddings of who speaks in the windows of a segmentation.

    Args:
        trunk: log mel features (1, T, 80) -> what is heard (1, 512, T / 2).
        pooling: which frames belong to which voice (n, T) and what is heard (T, 512) ->
            embeddings of unit length (n, 192).
        shortest_stretch: seconds; shorter parts of a slot get no embedding of their own.
    """

    def __init__(self, trunk: Network, pooling: Network, shortest_stretch: float) -> None:
        self._trunk = trunk
        self._pooling = pooling
        self._shortest_stretch = round(shortest_stretch / FRAME)

    def embed(self, waveform: Waveform, segmentation: Segmentation, progress: Progress) -> Voices:
        """Listen to all speech once and embed the voices of all windows."""
        grid = segmentation.grid
        step = grid.step_frames * FRAME_SAMPLES // HEARING_SAMPLES
        gathered, window = _Gathered(), 0
        for hearing in hear(self._trunk, waveform, segmentation.speaker_count, progress):
            end = hearing.start + len(hearing.frames)
            while window < grid.count and window * step + _WINDOW_HEARING <= end:
                self._gather(hearing, window * step, window, segmentation, gathered)
                window += 1
        return gathered.joined()

    def _gather(
        self,
        hearing: Hearing,
        start: int,
        window: int,
        segmentation: Segmentation,
        gathered: _Gathered,
    ) -> None:
        """Add the voices of one window, whose sound starts at `start`."""
        active = segmentation.activity(window, window + 1)[0]
        if not active.any():
            return
        clean = active & (active.sum(axis=0) == 1)
        clean_frames = clean.sum(axis=1)
        chosen = np.where((clean_frames >= _FEWEST_CLEAN)[:, None], clean, active)
        stretches = [
            (slot, first, last)
            for slot in range(SLOTS)
            for first, last in long_stretches(clean[slot], self._shortest_stretch)
        ]
        masks = np.concatenate([chosen, _spans(stretches)])
        is_enough, embeddings = self._pooled(hearing, start, masks)
        for row in np.flatnonzero(is_enough):
            if row < SLOTS:
                gathered.slots.append(window * SLOTS + int(row))
                gathered.clean_frames.append(int(clean_frames[row]))
                gathered.embeddings += embeddings[row].tobytes()
            elif is_enough[stretches[row - SLOTS][0]]:
                slot, first, last = stretches[row - SLOTS]
                gathered.stretches.append((window * SLOTS + slot, first, last))
                gathered.stretch_embeddings += embeddings[row].tobytes()

    def _pooled(
        self, hearing: Hearing, start: int, masks: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float16]]:
        """Embed what is heard under each mask (n, 589); tell which had enough of it."""
        here = slice(start - hearing.start, start - hearing.start + _WINDOW_HEARING)
        members = masks[:, _FRAME_HEARD] & hearing.is_heard[here]
        embeddings = self._pooling(members.astype(np.float32), hearing.frames[here])
        return members.sum(axis=1) >= _FEWEST_HEARD, embeddings.astype(np.float16)


def long_stretches(active: NDArray[np.bool_], shortest: int) -> list[tuple[int, int]]:
    """Return `[first, last)` of the long stretches of activity, if there are two or more.

    Gaps of a tenth of a second are bridged. A single stretch says no more than all of it.
    """
    edges = np.flatnonzero(np.diff(active.astype(np.int8), prepend=0, append=0))
    first, last = edges[::2], edges[1::2]
    is_pause = first[1:] - last[:-1] > _LONGEST_GAP
    first = np.concatenate([first[:1], first[1:][is_pause]])
    last = np.concatenate([last[:-1][is_pause], last[-1:]])
    is_long = last - first >= shortest
    stretches = list(zip(first[is_long].tolist(), last[is_long].tolist(), strict=True))
    return stretches if len(stretches) > 1 else []


def _spans(stretches: list[tuple[int, int, int]]) -> NDArray[np.bool_]:
    masks = np.zeros((len(stretches), WINDOW_FRAMES), bool)
    for mask, (_, first, last) in zip(masks, stretches, strict=True):
        mask[first:last] = True
    return masks
