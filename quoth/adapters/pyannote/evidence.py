"""How pyannote's findings are kept: which slots speak when, and a voice for each of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quoth.domain.diarization import SpeakerEvidence
from quoth.domain.errors import InvalidEvidence

_SLOT_AXES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What pyannote heard in overlapping windows.

    Args:
        activity: whether a slot speaks, bool (windows, frames, slots).
        embeddings: the voice of each slot, NaN where there is too little of it, float32
            (windows, slots, dimension).
        window: seconds of a window.
        step: seconds between the starts of two windows.
    """

    activity: NDArray[np.bool_]
    embeddings: NDArray[np.float32]
    window: float
    step: float


def keep(findings: Findings, kind: str, duration: float) -> SpeakerEvidence:
    """Return findings as evidence: eight frames a byte, voices in half precision."""
    arrays: dict[str, NDArray[np.generic]] = {
        "shape": np.array(findings.activity.shape, np.int32),
        "activity": np.packbits(findings.activity),
        "embeddings": findings.embeddings.astype(np.float16),
        "grid": np.array([findings.window, findings.step], np.float64),
    }
    return SpeakerEvidence(kind, duration, arrays)


def recall(evidence: SpeakerEvidence, kind: str, frames: int, dimension: int) -> Findings:
    """Return the findings that evidence holds.

    Args:
        evidence: as `keep` made it.
        kind: what it must be.
        frames: in a window, as the segmentation has them.
        dimension: of a voice.

    Raises:
        InvalidEvidence: if it is of another kind, or damaged.
    """
    if evidence.kind != kind:
        raise InvalidEvidence(f"it is {evidence.kind!r}, not {kind!r}")
    arrays: dict[str, Any] = dict(evidence.arrays)
    try:
        shape = tuple(int(size) for size in arrays["shape"])
        packed, embeddings = arrays["activity"], arrays["embeddings"]
        window, step = (float(each) for each in arrays["grid"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidEvidence(f"{error} is missing or damaged") from error
    is_shaped = len(shape) == _SLOT_AXES and min(shape) >= 0 and shape[1] == frames
    if not is_shaped or packed.dtype != np.uint8 or packed.shape != (-(-np.prod(shape) // 8),):
        raise InvalidEvidence("its windows do not fit together")
    if embeddings.dtype != np.float16 or embeddings.shape != (shape[0], shape[2], dimension):
        raise InvalidEvidence("its voices do not fit its windows")
    if not (np.isfinite([window, step]).all() and 0 < step <= window) or np.isinf(embeddings).any():
        raise InvalidEvidence("its numbers are impossible")
    activity = np.unpackbits(packed, count=int(np.prod(shape))).astype(bool).reshape(shape)
    return Findings(activity, embeddings.astype(np.float32), window, step)
