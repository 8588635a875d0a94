from pathlib import Path

import numpy as np
import pytest
from faster_whisper.utils import get_assets_path

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.speech_detection import (
    OnnxSpeechDetector,
    SpeechDetectorSettings,
    speech_intervals,
)
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import Cancelled, EngineUnavailable
from quoth.ports.progress import unobserved
from quoth.ports.speech_detector import SpeechCriteria, SpeechDetector
from tests.sounds import SPEECHLESS, recording

MODEL = Path(get_assets_path()) / "silero_vad_v6.onnx"
CLIP = Path(__file__).parents[2] / "data" / "flite-ships.flac"
FRAME = 512 / SAMPLE_RATE


@pytest.fixture(scope="module")
def detector() -> SpeechDetector:
    return OnnxSpeechDetector(MODEL)


def surrounded_by_silence(seconds: float) -> ArrayWaveform:
    silence = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    return ArrayWaveform(np.concatenate([silence, recording(CLIP).array, silence]))


def test_speech_is_found_where_it_is(detector: SpeechDetector) -> None:
    stretches = detector.detect_speech(surrounded_by_silence(3.0), unobserved)
    assert stretches[0].start == pytest.approx(3.1, abs=0.2)
    assert stretches[-1].end == pytest.approx(7.1, abs=0.3)
    assert sum(stretch.duration for stretch in stretches) > 3.0


def test_pauses_shorter_than_asked_for_belong_to_the_speech(detector: SpeechDetector) -> None:
    waveform = ArrayWaveform(np.tile(surrounded_by_silence(1.0).array, 2))
    usual = detector.detect_speech(waveform, unobserved)
    joined = detector.detect_speech(waveform, unobserved, SpeechCriteria(min_silence=5.0))
    assert len(usual) > len(joined) == 1
    assert (joined[0].start, joined[0].end) == (usual[0].start, usual[-1].end)


def test_a_higher_threshold_finds_less_speech(detector: SpeechDetector) -> None:
    waveform = surrounded_by_silence(1.0)
    strict = detector.detect_speech(waveform, unobserved, SpeechCriteria(threshold=0.999))
    usual = detector.detect_speech(waveform, unobserved)
    assert sum(each.duration for each in strict) < sum(each.duration for each in usual)


@pytest.mark.parametrize("sound", SPEECHLESS)
def test_there_is_no_speech_in(sound: str, detector: SpeechDetector) -> None:
    assert detector.detect_speech(ArrayWaveform(SPEECHLESS[sound]()), unobserved) == []


@pytest.mark.parametrize("samples", [0, 1, 511, 512, 513])
def test_next_to_nothing_is_no_speech(samples: int, detector: SpeechDetector) -> None:
    waveform = ArrayWaveform(np.zeros(samples, np.float32))
    assert detector.detect_speech(waveform, unobserved) == []


@pytest.mark.parametrize("piece_seconds", [0.01, 0.5, 1.7, 100.0])
def test_the_size_of_the_pieces_changes_nothing(
    piece_seconds: float, detector: SpeechDetector
) -> None:
    waveform = surrounded_by_silence(1.0)
    other = OnnxSpeechDetector(MODEL, piece_seconds=piece_seconds)
    assert other.detect_speech(waveform, unobserved) == detector.detect_speech(waveform, unobserved)


def test_speech_up_to_the_last_sample_ends_with_the_recording(detector: SpeechDetector) -> None:
    clip = recording(CLIP).array[: 2 * SAMPLE_RATE + 100]
    waveform = ArrayWaveform(clip)
    assert detector.detect_speech(waveform, unobserved)[-1].end == waveform.duration


def test_progress_never_falls_and_ends_at_one() -> None:
    told: list[float] = []
    detector = OnnxSpeechDetector(MODEL, piece_seconds=1.0)
    detector.detect_speech(surrounded_by_silence(1.0), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) >= 5


def test_cancelling_goes_through(detector: SpeechDetector) -> None:
    def cancel(_: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        detector.detect_speech(surrounded_by_silence(1.0), cancel)


def test_another_sample_rate_is_refused(detector: SpeechDetector) -> None:
    with pytest.raises(ValueError, match="16000 Hz"):
        detector.detect_speech(ArrayWaveform(np.zeros(8000, np.float32), 8000), unobserved)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vad.onnx").write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable, match="speech detection"):
        OnnxSpeechDetector(tmp_path / "vad.onnx")


def intervals(*probabilities: float, **settings: float) -> list[tuple[float, float]]:
    frames = np.array(probabilities, np.float32)
    plain = SpeechDetectorSettings(**{"min_speech": 0.0, "min_silence": 0.0, **settings})
    found = speech_intervals(frames, len(frames) * FRAME, plain)
    return [(round(stretch.start / FRAME, 3), round(stretch.end / FRAME, 3)) for stretch in found]


def test_speech_goes_on_while_the_probability_stays_near_the_threshold() -> None:
    assert intervals(0.1, 0.6, 0.4, 0.4, 0.2, 0.4, 0.1) == [(1, 4)]


def test_short_pauses_belong_to_the_speech() -> None:
    assert intervals(0.9, 0.1, 0.1, 0.9, 0.1, min_silence=2.5 * FRAME) == [(0, 4)]
    assert intervals(0.9, 0.1, 0.1, 0.9, 0.1, min_silence=1.5 * FRAME) == [(0, 1), (3, 4)]


def test_a_low_threshold_still_ends() -> None:
    assert intervals(0.1, 0.2, 0.0, 0.2, threshold=0.1, hysteresis=0.0) == [(0, 2), (3, 4)]


def test_a_threshold_that_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="no threshold"):
        SpeechDetectorSettings(threshold=0.0)


def test_short_bursts_are_dropped() -> None:
    assert intervals(0.1, 0.9, 0.1, 0.9, 0.9, min_speech=1.5 * FRAME) == [(3, 5)]
