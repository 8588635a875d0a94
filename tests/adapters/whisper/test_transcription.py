from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import quoth_weights
from faster_whisper.utils import get_assets_path

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.speech_detection import OnnxSpeechDetector
from quoth.adapters.whisper.model_files import describe_whisper
from quoth.adapters.whisper.transcription import WhisperTranscriber
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.errors import Cancelled, EngineFailed, EngineUnavailable, UnsupportedLanguage
from quoth.domain.stitching import stitch
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window, WindowLimits, plan_windows
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import TranscriptionOptions, WindowTask
from tests.sounds import SPEECHLESS, recording

pytestmark = pytest.mark.slow

MODEL = quoth_weights.directory("whisper-base-int8")
CLIP = Path(__file__).parents[2] / "data" / "flite-ships.flac"
SAID = "my friend saw seven ships before breakfast then the fog came in"
ENGLISH = TranscriptionOptions(language="en")


@pytest.fixture(scope="module")
def whisper() -> WhisperTranscriber:
    return WhisperTranscriber(MODEL, "whisper-base", threads=2)


@pytest.fixture(scope="module")
def detector() -> OnnxSpeechDetector:
    return OnnxSpeechDetector(Path(get_assets_path()) / "silero_vad_v6.onnx")


@pytest.fixture(scope="module")
def clip() -> ArrayWaveform:
    return recording(CLIP)


def whole(waveform: ArrayWaveform, options: TranscriptionOptions = ENGLISH) -> WindowTask:
    return WindowTask(waveform, Window(Interval(0.0, waveform.duration)), options)


def plain(words: list[Word]) -> str:
    return " ".join(word.text.strip(".,!?").lower() for word in words)


def test_speech_becomes_its_words(whisper: WhisperTranscriber, clip: ArrayWaveform) -> None:
    (words,) = whisper.transcribe([whole(clip)], unobserved)
    assert plain(words) == SAID
    assert words[-1].text == "in."


def test_words_have_times_inside_the_window_in_order_and_a_confidence(
    whisper: WhisperTranscriber, clip: ArrayWaveform
) -> None:
    (words,) = whisper.transcribe([whole(clip)], unobserved)
    assert all(left.start <= right.start for left, right in pairwise(words))
    assert all(0 <= word.start <= word.end <= clip.duration for word in words)
    assert all(word.confidence is not None for word in words)
    fog = next(word for word in words if word.text == "fog")
    assert fog.start == pytest.approx(3.2, abs=0.4)


def test_times_are_relative_to_the_window(whisper: WhisperTranscriber, clip: ArrayWaveform) -> None:
    later = ArrayWaveform(np.concatenate([np.zeros(5 * SAMPLE_RATE, np.float32), clip.array]))
    task = WindowTask(later, Window(Interval(5.0, later.duration)), ENGLISH)
    assert whisper.transcribe([task], unobserved) == whisper.transcribe([whole(clip)], unobserved)


@pytest.mark.parametrize("sound", SPEECHLESS)
def test_no_words_are_invented_over(sound: str, whisper: WhisperTranscriber) -> None:
    assert whisper.transcribe([whole(ArrayWaveform(SPEECHLESS[sound]()))], unobserved) == [[]]


@pytest.mark.parametrize("sound", SPEECHLESS)
def test_no_words_come_out_of_the_whole_path_over(
    sound: str, whisper: WhisperTranscriber, detector: OnnxSpeechDetector
) -> None:
    waveform = ArrayWaveform(SPEECHLESS[sound]())
    speech = detector.detect_speech(waveform, unobserved)
    windows = plan_windows(speech, waveform.duration, WindowLimits(whisper.info.longest_window))
    tasks = [WindowTask(waveform, window, ENGLISH) for window in windows]
    assert stitch(windows, whisper.transcribe(tasks, unobserved)) == []


def test_the_company_in_a_batch_changes_no_word(
    whisper: WhisperTranscriber, clip: ArrayWaveform
) -> None:
    half = WindowTask(clip, Window(Interval(0.0, 3.5)), ENGLISH)
    alone = [whisper.transcribe([task], unobserved)[0] for task in (half, whole(clip))]
    together = whisper.transcribe([half, whole(clip), half, whole(clip)], unobserved)
    assert [plain(words) for words in together] == [plain(words) for words in alone * 2]


def test_the_language_is_told_from_the_sound(
    whisper: WhisperTranscriber, clip: ArrayWaveform
) -> None:
    guess = whisper.detect_language(clip, [Window(Interval(0.0, clip.duration))], unobserved)
    assert guess is not None
    assert guess.language == "en"
    assert guess.probability > 0.5


def test_without_windows_there_is_no_language(
    whisper: WhisperTranscriber, clip: ArrayWaveform
) -> None:
    assert whisper.detect_language(clip, [], unobserved) is None


def test_a_window_without_a_language_is_recognised_in_its_own(
    whisper: WhisperTranscriber, clip: ArrayWaveform
) -> None:
    (words,) = whisper.transcribe([whole(clip, TranscriptionOptions())], unobserved)
    assert plain(words) == SAID


def test_a_prompt_sets_the_spelling(whisper: WhisperTranscriber, clip: ArrayWaveform) -> None:
    shouted = TranscriptionOptions("en", prompt="MY FRIEND. THE SHIPS AND THE FOG CAME IN.")
    (words,) = whisper.transcribe([whole(clip, shouted)], unobserved)
    assert any(word.text.isupper() and len(word.text) > 1 for word in words)


def test_a_temperature_samples_words(whisper: WhisperTranscriber, clip: ArrayWaveform) -> None:
    warm = TranscriptionOptions("en", temperature=0.2)
    (words,) = whisper.transcribe([whole(clip, warm)], unobserved)
    assert "breakfast" in plain(words)


def test_progress_never_falls_and_ends_at_one(
    whisper: WhisperTranscriber, clip: ArrayWaveform
) -> None:
    told: list[float] = []
    silence = ArrayWaveform(SPEECHLESS["silence"]())
    whisper.transcribe([whole(clip), whole(silence)], told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_no_windows_give_no_words(whisper: WhisperTranscriber) -> None:
    assert whisper.transcribe([], unobserved) == []


def test_cancelling_goes_through(whisper: WhisperTranscriber, clip: ArrayWaveform) -> None:
    def cancel(_: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        whisper.transcribe([whole(clip)], cancel)


def test_an_unknown_language_is_refused(whisper: WhisperTranscriber, clip: ArrayWaveform) -> None:
    with pytest.raises(UnsupportedLanguage, match="'xx'"):
        whisper.transcribe([whole(clip, TranscriptionOptions("xx"))], unobserved)


def test_what_it_can_do_is_known_without_loading_it(whisper: WhisperTranscriber) -> None:
    assert whisper.info == describe_whisper(MODEL, "whisper-base")


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes((MODEL / name).read_bytes())
    (tmp_path / "model.bin").write_bytes(b"not weights")
    with pytest.raises(EngineUnavailable, match="whisper"):
        WhisperTranscriber(tmp_path, "whisper-broken")


def test_a_failing_engine_says_so(
    clip: ArrayWaveform, whisper: WhisperTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*_: object) -> None:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(whisper._decoder, "encode", out_of_memory)
    with pytest.raises(EngineFailed, match="out of memory"):
        whisper.transcribe([whole(clip)], unobserved)


def test_a_draft_of_a_few_words_has_them_too(
    whisper: WhisperTranscriber, clip: ArrayWaveform
) -> None:
    window = Window(Interval(0.0, 1.2))
    for options in (ENGLISH, TranscriptionOptions(candidates=("en", "de"))):
        task = WindowTask(clip, window, options, is_urgent=True, is_draft=True)
        (words,) = whisper.transcribe([task], unobserved)
        assert plain(words).startswith("my friend")
