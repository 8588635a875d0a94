"""The whole way from samples to words, on real recordings with known text."""

import csv
import json
from pathlib import Path

import jiwer
import numpy as np
import pytest
import quoth_weights
from faster_whisper.utils import get_assets_path
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.speech_detection import OnnxSpeechDetector
from quoth.adapters.whisper.transcription import WhisperTranscriber
from quoth.domain.audio import Interval
from quoth.domain.stitching import stitch
from quoth.domain.transcript import Word, join_words
from quoth.domain.windowing import Window, WindowLimits, plan_windows
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import TranscriptionOptions, WindowTask
from tests.sounds import recording

pytestmark = pytest.mark.slow

LANGUAGES = ("de", "es", "fr", "it", "ja", "ko", "pt")


@pytest.fixture(scope="module")
def whisper() -> WhisperTranscriber:
    model = quoth_weights.directory("whisper-base-int8")
    return WhisperTranscriber(model, "whisper-base", threads=2)


def found_speech(waveform: ArrayWaveform) -> list[Interval]:
    detector = OnnxSpeechDetector(Path(get_assets_path()) / "silero_vad_v6.onnx")
    return detector.detect_speech(waveform, unobserved)


def recognised(
    whisper: WhisperTranscriber,
    waveform: ArrayWaveform,
    speech: list[Interval],
    language: str | None = "en",
) -> list[Word]:
    windows = plan_windows(speech, waveform.duration, WindowLimits(whisper.info.longest_window))
    options = TranscriptionOptions(language)
    tasks = [WindowTask(waveform, window, options) for window in windows]
    return stitch(windows, whisper.transcribe(tasks, unobserved))


def english_errors(reference: str, words: list[Word]) -> jiwer.WordOutput:
    normalise = EnglishTextNormalizer()
    return jiwer.process_words(normalise(reference), normalise(join_words(words, "en")))


def spoken_before(conversation: Path, seconds: float) -> str:
    turns = json.loads(conversation.with_suffix(".json").read_text())["turns"]
    words = [word for turn in turns for part in turn["utterances"] for word in part["words"]]
    return " ".join(text for text, start, _ in sorted(words, key=lambda w: w[1]) if start < seconds)


def test_a_speech_of_1961_comes_back_word_for_word(
    whisper: WhisperTranscriber, speech_data: Path
) -> None:
    waveform = recording(speech_data / "real-single" / "jfk.flac")
    words = recognised(whisper, waveform, found_speech(waveform))
    reference = (speech_data / "real-single" / "jfk.txt").read_text()
    assert english_errors(reference, words).wer == 0.0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_told_and_its_words_recognised(
    language: str, whisper: WhisperTranscriber, speech_data: Path
) -> None:
    folder = speech_data / "real-multilingual"
    with (folder / "transcripts.tsv").open(encoding="utf-8") as lines:
        texts = {row["lang"]: row["text"] for row in csv.DictReader(lines, delimiter="\t")}
    waveform = recording(folder / f"test_{language}.flac")
    speech = found_speech(waveform)
    windows = plan_windows(speech, waveform.duration, WindowLimits(whisper.info.longest_window))

    guess = whisper.detect_language(waveform, windows, unobserved)
    assert guess is not None
    assert guess.language == language

    words = recognised(whisper, waveform, speech, None)
    normalise = BasicTextNormalizer()
    reference = normalise(texts[language])
    text = normalise(join_words(words, language))
    assert jiwer.cer(reference.replace(" ", ""), text.replace(" ", "")) < 0.25


def heard(whisper: WhisperTranscriber, file: Path, options: TranscriptionOptions) -> str:
    waveform = recording(file)
    task = WindowTask(waveform, Window(Interval(0.0, waveform.duration)), options)
    (words,) = whisper.transcribe([task], unobserved)
    return join_words(words, "en")


def test_keywords_bring_rare_words_out(whisper: WhisperTranscriber, speech_data: Path) -> None:
    file = speech_data / "utterances" / "LS1688-142285-0005.flac"
    assert "Helstone" not in heard(whisper, file, TranscriptionOptions("en"))
    keywords = ("Helstone", "shoppy")
    text = heard(whisper, file, TranscriptionOptions("en", keywords=keywords))
    assert "shoppy at Helstone" in text


@pytest.mark.parametrize(("language", "words"), [("es", {"sand", "white"}), ("de", {"room"})])
def test_another_language_is_written_in_english_with_words_in_order(
    language: str, words: set[str], whisper: WhisperTranscriber, speech_data: Path
) -> None:
    file = speech_data / "real-multilingual" / f"test_{language}.flac"
    text = heard(whisper, file, TranscriptionOptions(language, is_translated=True))
    assert words <= set(text.lower().replace(",", "").split())


def test_cuts_in_the_middle_of_words_lose_and_double_next_to_nothing(
    whisper: WhisperTranscriber, speech_data: Path
) -> None:
    """The same recording cut at its pauses and cut blindly: the errors stay about the same."""
    conversation = speech_data / "podcast-17min" / "podcast-17min.flac"
    seconds = 180.0
    waveform = ArrayWaveform(recording(conversation).cut(Interval(0.0, seconds)))
    reference = spoken_before(conversation, seconds)

    at_pauses = english_errors(reference, recognised(whisper, waveform, found_speech(waveform)))
    blind = [Interval(0.0, seconds)]
    anywhere = english_errors(reference, recognised(whisper, waveform, blind))

    assert anywhere.wer < at_pauses.wer + 0.03
    assert anywhere.insertions <= at_pauses.insertions + 8


def test_silence_around_speech_adds_no_word(whisper: WhisperTranscriber, speech_data: Path) -> None:
    speech = recording(speech_data / "real-single" / "jfk.flac").array
    noise = np.random.default_rng(3).normal(0, 0.003, 30 * 16_000).astype(np.float32)
    waveform = ArrayWaveform(np.concatenate([noise, speech, noise]))
    words = recognised(whisper, waveform, found_speech(waveform))
    reference = (speech_data / "real-single" / "jfk.txt").read_text()
    assert english_errors(reference, words).insertions == 0
    assert all(29.5 < word.start < 41.5 for word in words)
