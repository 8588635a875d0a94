"""People whose voices are known: a short reference of each, and what a diarizer makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import SAMPLE_RATE, Samples, Waveform
from quoth.domain.known_speakers import Voice

_FULL_SCALE = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class Clip(Waveform):
    """A few seconds of sound that are held in memory: 16 kHz, mono, int16, shape (n,)."""

    pcm: NDArray[np.int16]

    @classmethod
    def of(cls, waveform: Waveform) -> "Clip":
        """Return all there is of a waveform; what was decoded to 16 bits stays what it is."""
        samples = waveform.samples(0, waveform.sample_count)
        scaled = np.rint(samples * np.float32(_FULL_SCALE))
        return cls(np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2"))

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return SAMPLE_RATE

    @property
    def sample_count(self) -> int:
        """Number of samples in all."""
        return len(self.pcm)

    def samples(self, first: int, last: int) -> Samples:
        """Return samples `[first, last)`, clipped to what exists."""
        piece = self.pcm[max(0, first) : max(0, last)]
        samples: Samples = np.multiply(piece, np.float32(1 / _FULL_SCALE), dtype=np.float32)
        return samples


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A known voice: whose, and how it sounds."""

    name: str
    waveform: Waveform


@dataclass(frozen=True, slots=True, eq=False)
class KnownVoices:
    """What a diarizer made of references.

    Args:
        kind: of the evidence whose voices they can be compared with (`onnx-1`).
        voices: by name; None where a reference held no voice.
    """

    kind: str
    voices: Mapping[str, Voice | None]
