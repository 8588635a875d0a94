"""Which engine a language goes to, and how long recordings reach an engine."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.engines import (
    FakeDiarizer,
    FakeSpeechDetector,
    FakeTranscriber,
    known_words,
)
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.errors import Cancelled, CannotTranslate, UnsupportedLanguage
from quoth.domain.progress import Stage
from quoth.domain.transcript import Word
from quoth.ports.language_detector import LanguageGuess
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.observing import ProgressBoard
from quoth.use_cases.recognise import Recognised, RecogniseWords
from quoth.use_cases.requests import TranscriptionRequest
from quoth.use_cases.transcribe import TranscribeRecording

SOUND = ArrayWaveform(np.full(200 * SAMPLE_RATE, 0.1, dtype=np.float32))
SPEECH = [Interval(second, second + 9.0) for second in range(0, 200, 10)]


def engine(*languages: str) -> FakeTranscriber:
    return FakeTranscriber(engine="parakeet", languages=languages)


def detector(language: str, probability: float = 0.9) -> FakeTranscriber:
    return FakeTranscriber(guess=LanguageGuess(language, probability))


def whisper() -> FakeTranscriber:
    return FakeTranscriber(engine="whisper", languages=("de", "en", "ja"))


def recognise(use_case: RecogniseWords, language: str | None = None) -> Recognised:
    board = ProgressBoard(Stage, lambda _: None, time.monotonic)
    return use_case(TranscriptionOptions(language), SOUND, SPEECH, board)


def test_a_language_the_engine_knows_stays_with_it() -> None:
    found = recognise(RecogniseWords(engine("de", "en"), detector("de"), whisper()))
    assert (found.info.engine, found.language, found.warnings) == ("parakeet", "de", ())


@pytest.mark.parametrize("given", ["ja", None])
def test_a_language_it_lacks_goes_to_the_fallback_with_a_warning(given: str | None) -> None:
    found = recognise(RecogniseWords(engine("en"), detector("ja"), whisper()), given)
    assert (found.info.engine, found.language) == ("whisper", "ja")
    (warning,) = found.warnings
    assert "parakeet engine (parakeet) does not know the language 'ja'" in warning
    assert "whisper engine (whisper) recognised the words" in warning
    assert found.words


@pytest.mark.parametrize("given", ["ja", None])
def test_of_an_engine_asked_for_by_name_it_is_the_callers_mistake(given: str | None) -> None:
    with pytest.raises(UnsupportedLanguage, match=r"'ja' is not known to the parakeet engine.*en"):
        recognise(RecogniseWords(engine("en"), detector("ja")), given)


def test_a_language_nobody_knows_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnsupportedLanguage, match=r"parakeet or whisper engine.*de, en, ja"):
        recognise(RecogniseWords(engine("en"), None, whisper()), "tlh")


def test_a_doubtful_guess_changes_no_engine() -> None:
    found = recognise(RecogniseWords(engine("en"), detector("ja", 0.3), whisper()))
    assert (found.info.engine, found.language) == ("parakeet", None)
    assert "hard to tell: ja with 30% certainty" in found.warnings[0]


def test_a_doubtful_guess_among_candidates_is_taken_at_its_word() -> None:
    board = ProgressBoard(Stage, lambda _: None, time.monotonic)
    options = TranscriptionOptions(candidates=("ja", "en"))
    use_case = RecogniseWords(engine("en"), detector("ja", 0.4), whisper())
    found = use_case(options, SOUND, SPEECH, board)
    assert (found.info.engine, found.language) == ("whisper", "ja")
    assert "hard to tell" in found.warnings[0]


def test_a_candidate_no_engine_knows_is_refused_by_its_own_name() -> None:
    with pytest.raises(UnsupportedLanguage) as refusal:
        RecogniseWords(engine("en")).check(TranscriptionOptions(candidates=("en", "ja")))
    assert refusal.value.parameter == "languages"


def test_what_the_engine_cannot_translate_goes_to_the_fallback_and_is_english() -> None:
    board = ProgressBoard(Stage, lambda _: None, time.monotonic)
    translator = replace(whisper(), has_translation=True)
    use_case = RecogniseWords(engine("de", "en"), detector("ja"), translator)
    found = use_case(TranscriptionOptions(is_translated=True), SOUND, SPEECH, board)
    assert (found.info.engine, found.language) == ("whisper", "en")
    assert "parakeet engine (parakeet) does not translate: the whisper" in found.warnings[0]
    assert {options.language for _, options in translator.asked} == {"ja"}


def test_where_no_engine_translates_that_is_said_before_any_work() -> None:
    with pytest.raises(CannotTranslate, match="whisper-base"):
        RecogniseWords(engine("en")).check(TranscriptionOptions(is_translated=True))


@pytest.mark.parametrize("padding", [0.0, 0.5])
def test_sound_around_speech_is_kept_as_asked_for(padding: float) -> None:
    transcriber = engine("en")
    recognise(RecogniseWords(transcriber, padding=padding), "en")
    (first, _) = transcriber.asked[0]
    assert first.interval.end == (first.speech or ())[-1].end + padding


def test_whoever_listens_is_told_all_words_in_growing_groups() -> None:
    told: list[str] = []
    languages: set[str | None] = set()

    def listen(words: Sequence[Word], language: str | None) -> None:
        told.extend(word.text for word in words)
        languages.add(language)

    transcriber = engine("en", "de")
    board = ProgressBoard(Stage, lambda _: None, time.monotonic)
    use_case = RecogniseWords(transcriber, detector("de"))
    found = use_case(TranscriptionOptions(), SOUND, SPEECH, board, listen)
    assert told == [word.text for word in found.words] == words_without_stretches()
    assert languages == {"de"}
    assert transcriber.batches[0] == 1
    assert transcriber.batches == sorted(transcriber.batches[:-1]) + transcriber.batches[-1:]


def test_what_a_listener_raises_ends_the_work() -> None:
    def leave(_words: Sequence[Word], _language: str | None) -> None:
        raise Cancelled

    transcriber = engine("en")
    board = ProgressBoard(Stage, lambda _: None, time.monotonic)
    with pytest.raises(Cancelled):
        RecogniseWords(transcriber)(TranscriptionOptions("en"), SOUND, SPEECH, board, leave)
    assert transcriber.batches == [1]


@pytest.mark.parametrize("duration", [None, 1000.0, 50.0, 25.0])
def test_stretches_change_the_calls_and_not_the_words(duration: float | None) -> None:
    transcriber = engine("en")
    found = recognise(RecogniseWords(transcriber, chunk_duration=duration), "en")
    expected = [word for speech in SPEECH for word in known_words(speech)]
    assert {word.text for word in expected} <= {word.text for word in found.words}
    assert [word.text for word in found.words] == words_without_stretches()
    calls = {None: 1, 1000.0: 1, 50.0: 4, 25.0: 8}
    assert len(transcriber.batches) <= calls[duration]
    assert sum(transcriber.batches) == sum_of_windows()


def words_without_stretches() -> list[str]:
    return [word.text for word in recognise(RecogniseWords(engine("en")), "en").words]


def sum_of_windows() -> int:
    whole = engine("en")
    recognise(RecogniseWords(whole), "en")
    return sum(whole.batches)


def test_progress_over_stretches_never_falls_and_ends_at_one() -> None:
    seen: list[float] = []
    board = ProgressBoard(Stage, lambda report: seen.append(report.stage_fraction), time.monotonic)
    use_case = RecogniseWords(engine("en"), chunk_duration=30.0)
    use_case(TranscriptionOptions("en"), SOUND, SPEECH, board)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_detected_language_nobody_can_recognise_does_not_wait_for_the_speakers(
    tmp_path: Path,
) -> None:
    diarizer = FakeDiarizer(seconds=20.0)
    use_case = TranscribeRecording(
        FakeDecoder(SOUND),
        FakeSpeechDetector(),
        engine("en"),
        detector("ja"),
        diarizer,
        time.monotonic,
    )
    source = tmp_path / "recording"
    source.write_bytes(b"sound")
    started = time.monotonic()
    with pytest.raises(UnsupportedLanguage):
        use_case(TranscriptionRequest(source), tmp_path)
    assert time.monotonic() - started < 10
