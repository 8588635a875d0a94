"""Another sample rate, while the sound comes in: FFmpeg's resampler in the PyAV wheel."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from quoth.domain.audio import SAMPLE_RATE, Samples

BYTES_PER_SAMPLE = 2


class SwResampler:
    """A `Resampler`: little-endian mono 16-bit samples at any rate to float32 at 16 kHz.

    A byte that belongs to no whole sample waits for the next call.

    Args:
        rate: samples per second that come in.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._rest = b""
        self._make()

    def _make(self) -> None:
        import av  # noqa: PLC0415 - megabytes that only live sound needs

        self._frame_of = av.AudioFrame.from_ndarray
        self._resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)

    def feed(self, pcm: bytes) -> Samples:
        """Return what is ready; see the port."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % BYTES_PER_SAMPLE
        pcm, self._rest = pcm[:whole], pcm[whole:]
        samples = np.frombuffer(pcm, "<i2")
        if self._rate == SAMPLE_RATE or not len(samples):
            scaled: Samples = np.multiply(samples, np.float32(1 / 32768), dtype=np.float32)
            return scaled
        frame = self._frame_of(samples.reshape(1, -1), "s16", "mono")
        frame.sample_rate = self._rate
        return _joined(self._resampler.resample(frame))

    def flush(self) -> Samples:
        """Return the rest; see the port."""
        self._rest = b""
        if self._rate == SAMPLE_RATE:
            return np.zeros(0, np.float32)
        rest = _joined(self._resampler.resample(None))
        self._make()
        return rest


def _joined(frames: Sequence[Any]) -> Samples:
    pieces = [np.asarray(frame.to_ndarray()[0], np.float32) for frame in frames]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
