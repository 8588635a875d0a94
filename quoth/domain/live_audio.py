"""Sound as it comes in: what is still needed of it, and pieces of that for the engines."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from quoth.domain.audio import SAMPLE_RATE, Samples, Waveform


@dataclass(frozen=True, slots=True, eq=False)
class Piece(Waveform):
    """A short piece of sound by value: float32 in [-1, 1], shape (n,), at 16 kHz."""

    array: Samples

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return SAMPLE_RATE

    @property
    def sample_count(self) -> int:
        """Number of samples in all."""
        return len(self.array)

    def samples(self, first: int, last: int) -> Samples:
        """Return samples `[first, last)`, clipped to what exists."""
        return self.array[max(0, first) : max(0, last)]


class SoundBuffer:
    """The end of a stream of samples at 16 kHz; places are counted from its beginning."""

    def __init__(self) -> None:
        self._pieces: deque[Samples] = deque()
        self.first = 0
        self.last = 0

    def append(self, samples: Samples) -> None:
        """Take what came in."""
        if len(samples):
            self._pieces.append(samples)
            self.last += len(samples)

    def drop_before(self, sample: int) -> None:
        """Let go of what lies before a place."""
        while self._pieces and self.first + len(self._pieces[0]) <= sample:
            self.first += len(self._pieces.popleft())

    def cut(self, first: int, last: int) -> Samples:
        """Return a copy of samples `[first, last)`, clipped to what is there."""
        place, wanted = self.first, []
        for piece in self._pieces:
            start, end = max(first - place, 0), min(last - place, len(piece))
            if start < end:
                wanted.append(piece[start:end])
            place += len(piece)
        return np.concatenate(wanted) if wanted else np.zeros(0, np.float32)
