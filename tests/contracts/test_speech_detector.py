"""What every speech detector keeps to, stand-in or real."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.utils import get_assets_path

from quoth.adapters.memory.engines import FakeSpeechDetector
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.speech_detection import OnnxSpeechDetector
from quoth.domain.errors import Cancelled
from quoth.ports.progress import unobserved
from quoth.ports.speech_detector import SpeechDetector
from tests.sounds import recording

MAKERS: dict[str, Callable[[], SpeechDetector]] = {
    "fake": FakeSpeechDetector,
    "onnx": lambda: OnnxSpeechDetector(Path(get_assets_path()) / "silero_vad_v6.onnx"),
}


@pytest.fixture(scope="module", params=MAKERS)
def detector(request: pytest.FixtureRequest) -> SpeechDetector:
    return MAKERS[request.param]()


def test_speech_is_found_in_order_and_apart(detector: SpeechDetector) -> None:
    waveform = recording(Path(__file__).parents[1] / "data" / "sample.wav")
    found = detector.detect_speech(waveform, unobserved)
    assert sum(each.duration for each in found) > waveform.duration / 2
    assert all(left.end < right.start for left, right in pairwise(found))
    assert all(each.end <= waveform.duration + 1e-6 for each in found)


@pytest.mark.parametrize("samples", [0, 1, 3200, 160_000])
def test_silence_holds_no_speech(detector: SpeechDetector, samples: int) -> None:
    silence = ArrayWaveform(np.zeros(samples, dtype=np.float32))
    assert detector.detect_speech(silence, unobserved) == []


def test_cancelling_gets_through(detector: SpeechDetector) -> None:
    def stop(_fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        detector.detect_speech(ArrayWaveform(np.zeros(160_000, dtype=np.float32)), stop)
