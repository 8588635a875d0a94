"""Log mel features as Kaldi makes them, which is what CAM++ was trained on."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from quoth.domain.audio import SAMPLE_RATE, Samples

HOP_SAMPLES = 160
FRAME_SAMPLES = 400
BANDS = 80
_FFT_SIZE = 512
_LOWEST_HZ = 20.0
_PRE_EMPHASIS = 0.97
_SMALLEST = float(np.finfo(np.float32).eps)


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Return log mel energies of 25 ms frames 10 ms apart, shape (frames, 80).

    As `torchaudio.compliance.kaldi.fbank` with 80 bands, no dither, samples in [-1, 1]; frames
    that would reach past the end are left out.
    """
    if len(samples) < FRAME_SAMPLES:
        return np.zeros((0, BANDS), np.float32)
    cuts = np.lib.stride_tricks.sliding_window_view(samples, FRAME_SAMPLES)[::HOP_SAMPLES]
    frames = cuts - cuts.mean(axis=1, keepdims=True)
    frames[:, 1:] -= _PRE_EMPHASIS * frames[:, :-1]
    frames[:, 0] *= 1 - _PRE_EMPHASIS
    spectrum = np.fft.rfft(frames * _povey_window(), _FFT_SIZE)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    energies = (_mel_bank() @ power.T).T
    return np.asarray(np.log(np.maximum(energies, _SMALLEST)), np.float32)


@cache
def _povey_window() -> NDArray[np.float32]:
    return (np.hanning(FRAME_SAMPLES) ** 0.85).astype(np.float32)


@cache
def _mel_bank() -> csr_array:
    """Triangles of equal width on the mel scale, shape (80, 257), nearly all zeros."""
    hertz = np.arange(_FFT_SIZE // 2 + 1) * SAMPLE_RATE / _FFT_SIZE
    edges = np.linspace(_mel(np.array(_LOWEST_HZ)), _mel(np.array(SAMPLE_RATE / 2)), BANDS + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    mels = _mel(hertz)[:, None]
    rising, falling = (mels - left) / (centre - left), (right - mels) / (right - centre)
    bank = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    bank[-1] = 0.0
    return csr_array(bank.T)


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(hertz / 700.0))
