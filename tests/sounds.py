"""Sounds without speech, and recordings read into memory."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from faster_whisper.audio import decode_audio

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.audio import SAMPLE_RATE, Samples

SECONDS = 10
_CLOCK = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE


def recording(path: Path) -> ArrayWaveform:
    """Read a recording."""
    return ArrayWaveform(np.asarray(decode_audio(str(path)), np.float32))


def _silence() -> Samples:
    return np.zeros(len(_CLOCK), np.float32)


def _faint_noise() -> Samples:
    return _noise(1e-4)


def _white_noise() -> Samples:
    return _noise(0.1)


def _loud_noise() -> Samples:
    return _noise(0.3)


def _pink_noise() -> Samples:
    spectrum = np.fft.rfft(_noise(1.0))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, len(_CLOCK))
    return np.asarray(0.1 * noise / noise.std(), np.float32)


def _hum() -> Samples:
    return np.asarray(
        sum(np.sin(2 * np.pi * 50 * k * _CLOCK) * 0.2 / k for k in (1, 2, 3)), np.float32
    )


def _tones() -> Samples:
    """Four notes, each beating on and off, like a simple tune."""
    notes = ((262, 0.5), (330, 0.7), (392, 1.1), (523, 2.0))
    tune = sum(
        0.08 * np.sin(2 * np.pi * pitch * _CLOCK) * (np.sin(2 * np.pi * beat * _CLOCK) > 0)
        for pitch, beat in notes
    )
    return np.asarray(tune, np.float32)


def _slams() -> Samples:
    """Two dull bangs a second, like doors."""
    samples = _silence()
    bang = _noise(0.4)[:800] * np.exp(-np.arange(800) / 150)
    for start in range(0, len(samples) - 800, SAMPLE_RATE // 2):
        samples[start : start + 800] = bang
    return samples


def _noise(level: float) -> Samples:
    noise = np.random.default_rng(7).normal(0, level, len(_CLOCK))
    return np.asarray(noise.clip(-1, 1), np.float32)


SPEECHLESS: dict[str, Callable[[], Samples]] = {
    "silence": _silence,
    "faint noise": _faint_noise,
    "white noise": _white_noise,
    "loud noise": _loud_noise,
    "pink noise": _pink_noise,
    "hum": _hum,
    "tones": _tones,
    "slams": _slams,
}
