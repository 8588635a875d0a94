"""Another sample rate, while the sound comes in."""

import numpy as np
import pytest

from quoth.adapters.ffmpeg.resampling import SwResampler
from quoth.domain.audio import SAMPLE_RATE, Samples

RATE = 24_000
SECONDS = 2


def tone(hertz: float, rate: int) -> Samples:
    times = np.arange(SECONDS * rate) / rate
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def pcm(samples: Samples) -> bytes:
    return np.rint(samples * 32767).astype("<i2").tobytes()


def resampled(samples: Samples, piece_bytes: int) -> Samples:
    resampler, content = SwResampler(RATE), pcm(samples)
    pieces = [
        resampler.feed(content[first : first + piece_bytes])
        for first in range(0, len(content), piece_bytes)
    ]
    return np.concatenate([*pieces, resampler.flush()])


def level(samples: Samples) -> float:
    """Return the level in decibels of a full-scale square wave, without the ends."""
    middle = samples[SAMPLE_RATE // 4 : -SAMPLE_RATE // 4]
    return float(20 * np.log10(np.sqrt(np.mean(middle**2)) + 1e-12))


@pytest.mark.parametrize("hertz", [100, 1000, 4000, 6000])
def test_a_tone_stays_what_it_is(hertz: int) -> None:
    found, wanted = resampled(tone(hertz, RATE), 4800), tone(hertz, SAMPLE_RATE)
    assert abs(len(found) - len(wanted)) <= 2
    size = min(len(found), len(wanted)) - 1000
    difference = found[1000:size] - wanted[1000:size]
    assert level(difference) < -45


def test_near_the_edge_little_is_lost() -> None:
    assert level(resampled(tone(7_000, RATE), 4800)) == pytest.approx(
        level(tone(7_000, RATE)), abs=1
    )


def test_what_16_khz_cannot_hold_does_not_fold_back() -> None:
    assert level(resampled(tone(10_500, RATE), 4800)) < -60


@pytest.mark.parametrize("piece_bytes", [2, 333, 4800, 10**6])
def test_it_sounds_the_same_however_it_comes_in(piece_bytes: int) -> None:
    samples = tone(440, RATE)[: RATE // 4]
    np.testing.assert_allclose(
        resampled(samples, piece_bytes), resampled(samples, 1 << 20), atol=1e-6
    )


def test_the_first_words_do_not_wait_in_the_resampler() -> None:
    ready = SwResampler(RATE).feed(pcm(tone(440, RATE)[:2400]))
    assert len(ready) > 1600 - 100


def test_another_stream_begins_with_silence_behind_it() -> None:
    resampler = SwResampler(RATE)
    resampler.feed(pcm(np.full(2400, 0.9, np.float32)))
    resampler.flush()
    again = np.concatenate([resampler.feed(bytes(4800)), resampler.flush()])
    assert np.abs(again).max() == 0
