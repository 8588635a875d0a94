"""How the diarizer's findings are kept: a few megabytes an hour, read back with suspicion."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quoth.adapters.onnx.embedding import DIMENSION, Voices
from quoth.adapters.onnx.segmentation import (
    PACKED_FRAMES,
    SLOTS,
    STEP_GRID,
    WINDOW_FRAMES,
    Segmentation,
    WindowGrid,
)
from quoth.domain.diarization import SpeakerEvidence
from quoth.domain.errors import InvalidEvidence

KIND = "onnx-1"
_BLOCK_VOICES = 4096
_ARRAYS: dict[str, tuple[type[np.generic], tuple[int | None, ...]]] = {
    "step_frames": (np.int32, ()),
    "activity": (np.uint8, (None, SLOTS, PACKED_FRAMES)),
    "speaker_count": (np.uint8, (None,)),
    "slots": (np.int32, (None,)),
    "clean_frames": (np.int32, (None,)),
    "embeddings": (np.float16, (None, DIMENSION)),
    "stretches": (np.int32, (None, 3)),
    "stretch_embeddings": (np.float16, (None, DIMENSION)),
}


def keep(segmentation: Segmentation, voices: Voices, duration: float) -> SpeakerEvidence:
    """Return the findings as evidence."""
    arrays: dict[str, NDArray[np.generic]] = {
        "step_frames": np.array(segmentation.grid.step_frames, np.int32),
        "activity": segmentation.packed,
        "speaker_count": segmentation.speaker_count,
        "slots": voices.slots,
        "clean_frames": voices.clean_frames,
        "embeddings": voices.embeddings,
        "stretches": voices.stretches,
        "stretch_embeddings": voices.stretch_embeddings,
    }
    return SpeakerEvidence(KIND, duration, arrays)


def recall(evidence: SpeakerEvidence) -> tuple[Segmentation, Voices]:
    """Return the findings that evidence holds.

    Raises:
        InvalidEvidence: if it is of another kind, or damaged.
    """
    if evidence.kind != KIND:
        raise InvalidEvidence(f"it is {evidence.kind!r}, not {KIND!r}")
    arrays: dict[str, Any] = dict(evidence.arrays)
    for name, (kind, shape) in _ARRAYS.items():
        _check(name, arrays.get(name), kind, shape)
    grid = WindowGrid(len(arrays["activity"]), int(arrays["step_frames"]))
    segmentation = Segmentation(grid, arrays["activity"], arrays["speaker_count"])
    voices = Voices(*(arrays[name] for name in list(_ARRAYS)[3:]))
    _check_consistency(segmentation, voices)
    return segmentation, voices


def _check(
    name: str,
    array: NDArray[np.generic] | None,
    kind: type[np.generic],
    shape: tuple[int | None, ...],
) -> None:
    if array is None:
        raise InvalidEvidence(f"{name} is missing")
    is_shaped = array.ndim == len(shape) and all(
        wanted in (None, size) for wanted, size in zip(shape, array.shape, strict=True)
    )
    if array.dtype != kind or not is_shaped:
        raise InvalidEvidence(f"{name} is {array.dtype} {array.shape}")


def _check_consistency(segmentation: Segmentation, voices: Voices) -> None:
    grid, stretches = segmentation.grid, voices.stretches
    is_step = 0 < grid.step_frames <= WINDOW_FRAMES and grid.step_frames % STEP_GRID == 0
    if not is_step or len(segmentation.speaker_count) != grid.frames:
        raise InvalidEvidence("its windows do not fit its frames")
    if segmentation.speaker_count.max(initial=0) > SLOTS:
        raise InvalidEvidence("more speak at once than can be told apart")
    slots = np.concatenate([voices.slots, stretches[:, 0]])
    if slots.min(initial=0) < 0 or slots.max(initial=-1) >= grid.count * SLOTS:
        raise InvalidEvidence("a voice is of no window")
    is_sorted = (np.diff(voices.slots) > 0).all() and (np.diff(stretches[:, 0]) >= 0).all()
    is_voiced = np.isin(stretches[:, 0], voices.slots).all()
    first, last = stretches[:, 1], stretches[:, 2]
    is_inside = ((first >= 0) & (first < last) & (last <= WINDOW_FRAMES)).all()
    counts = {len(voices.slots), len(voices.clean_frames), len(voices.embeddings)}
    if not (is_sorted and is_voiced and is_inside) or len(counts) > 1:
        raise InvalidEvidence("its voices are in disorder")
    if len(stretches) != len(voices.stretch_embeddings):
        raise InvalidEvidence("its stretches are in disorder")
    for embeddings in (voices.embeddings, voices.stretch_embeddings):
        for start in range(0, len(embeddings), _BLOCK_VOICES):
            block = embeddings[start : start + _BLOCK_VOICES].astype(np.float32)
            lengths = np.linalg.norm(block, axis=1)
            if not (np.isfinite(lengths) & (lengths > 0)).all():
                raise InvalidEvidence("a voice is not a number")
