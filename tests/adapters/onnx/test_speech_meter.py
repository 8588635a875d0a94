"""Voice activity frame by frame."""

import pickle

import numpy as np
import pytest

from quoth.adapters.onnx.speech_detection import OnnxSpeechDetector
from quoth.adapters.onnx.speech_meter import OnnxSpeechMeter
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.voice_activity import (
    FRAME_SAMPLES,
    SpeechBegan,
    SpeechEnded,
    TurnDetection,
    VoiceActivity,
)
from quoth.ports.live import Hearing
from quoth.ports.progress import unobserved
from tests.adapters.onnx.test_speech_detection import MODEL, surrounded_by_silence


@pytest.fixture(scope="module")
def meter() -> OnnxSpeechMeter:
    return OnnxSpeechMeter(MODEL)


def test_sound_that_comes_in_bits_sounds_as_it_does_whole(meter: OnnxSpeechMeter) -> None:
    samples = surrounded_by_silence(1.0).array
    samples = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]
    whole, _ = meter.listen(samples)
    bits: list[float] = []
    hearing: Hearing | None = None
    for first in range(0, len(samples), 5 * FRAME_SAMPLES):
        found, hearing = meter.listen(samples[first : first + 5 * FRAME_SAMPLES], hearing)
        hearing = pickle.loads(pickle.dumps(hearing))  # noqa: S301 - as between processes
        bits += found
    np.testing.assert_allclose(bits, whole, atol=1e-4)
    assert len(whole) == len(samples) // FRAME_SAMPLES


def test_it_hears_speech_where_the_detector_finds_it(meter: OnnxSpeechMeter) -> None:
    waveform = surrounded_by_silence(2.0)
    samples = waveform.array[: waveform.sample_count // FRAME_SAMPLES * FRAME_SAMPLES]
    probabilities, _ = meter.listen(samples)
    turns = TurnDetection(silence_duration_ms=1000)
    told = VoiceActivity().advance(probabilities, turns)
    stretches = OnnxSpeechDetector(MODEL).detect_speech(waveform, unobserved)
    assert [type(change) for change in told] == [SpeechBegan, SpeechEnded]
    assert told[0].sample / SAMPLE_RATE == pytest.approx(stretches[0].start, abs=0.1)
    assert told[1].sample / SAMPLE_RATE == pytest.approx(stretches[-1].end + 1.0, abs=0.1)
