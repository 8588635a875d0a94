"""The main use case on stand-ins: what survives what."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.engines import (
    FakeDiarizer,
    FakeSpeechDetector,
    FakeTranscriber,
    Fault,
    known_words,
)
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.errors import Cancelled, EngineFailed, UnsupportedLanguage
from quoth.domain.progress import Stage, StageProgress
from quoth.domain.transcript import Word, spaced
from quoth.ports.language_detector import LanguageGuess
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.requests import RecognitionFailed, TranscriptionRequest
from quoth.use_cases.transcribe import Policy, TranscribeRecording

SECONDS = 20.0
SOUND = ArrayWaveform(np.full(int(SECONDS * SAMPLE_RATE), 0.1, dtype=np.float32))
SILENCE = ArrayWaveform(np.zeros(int(SECONDS * SAMPLE_RATE), dtype=np.float32))


@pytest.fixture(params=[True, False], ids=["parallel", "sequential"])
def use_case(request: pytest.FixtureRequest) -> TranscribeRecording:
    transcriber = FakeTranscriber()
    return TranscribeRecording(
        FakeDecoder(SOUND),
        FakeSpeechDetector(),
        transcriber,
        transcriber,
        FakeDiarizer(),
        time.monotonic,
        Policy(is_parallel=request.param),
    )


@pytest.fixture
def recording(tmp_path: Path) -> TranscriptionRequest:
    source = tmp_path / "recording"
    source.write_bytes(b"sound")
    return TranscriptionRequest(source)


def test_words_get_their_speakers(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    outcome = use_case(recording, tmp_path)
    expected = [word.text for word in known_words(Interval(0, SECONDS))]
    transcript = outcome.transcript
    assert [word.text for word in transcript.words] == expected
    assert [speaker.name for speaker in transcript.speakers] == ["Speaker A", "Speaker B"]
    assert transcript.words[0].speaker == "A"
    assert next(word for word in transcript.words if word.start > 5.1).speaker == "B"
    assert transcript.language == "en"
    assert transcript.warnings == ()
    assert outcome.evidence is not None


@settings(deadline=None, max_examples=20)
@given(
    seconds=st.floats(0.5, 400.0),
    language=st.sampled_from(["en", "ja", None]),
    diarize=st.booleans(),
    is_parallel=st.booleans(),
)
def test_words_told_on_the_way_put_together_are_the_text(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    seconds: float,
    language: str | None,
    diarize: bool,
    is_parallel: bool,
) -> None:
    folder = tmp_path_factory.mktemp("told")
    (folder / "recording").write_bytes(b"sound")
    transcriber = FakeTranscriber(languages=("en", "ja"), guess=LanguageGuess("ja", 0.9))
    sound = ArrayWaveform(np.full(int(seconds * SAMPLE_RATE), 0.1, dtype=np.float32))
    use_case = TranscribeRecording(
        FakeDecoder(sound),
        FakeSpeechDetector(),
        transcriber,
        transcriber,
        FakeDiarizer(),
        time.monotonic,
        Policy(is_parallel=is_parallel),
    )
    request = TranscriptionRequest(
        folder / "recording", TranscriptionOptions(language), diarize=diarize
    )
    told: list[Word] = []
    pieces: list[str] = []

    def listen(words: Sequence[Word], spoken: str | None) -> None:
        pieces.extend(spaced(words, spoken, told[-1] if told else None))
        told.extend(words)

    transcript = use_case(request, folder, listener=listen).transcript
    assert "".join(pieces) == transcript.text
    assert len(told) == len(transcript.words)


def test_every_stage_is_reported_and_nothing_falls(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    seen: list[StageProgress] = []
    use_case(recording, tmp_path, seen.append)
    assert {report.stage for report in seen} == set(Stage)
    fractions = [report.fraction for report in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    for stage in Stage:
        parts = [report.stage_fraction for report in seen if report.stage is stage]
        assert parts == sorted(parts)
        assert parts[-1] == 1.0


def test_silence_gives_an_empty_transcript_without_speakers(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    quiet = replace(use_case, decoder=FakeDecoder(SILENCE))
    transcript = quiet(recording, tmp_path).transcript
    assert (transcript.words, transcript.speakers, transcript.language) == ((), (), None)
    assert transcript.duration == SECONDS


def test_silence_with_a_hint_says_that_nobody_was_found(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    seen: list[StageProgress] = []
    quiet = replace(use_case, decoder=FakeDecoder(SILENCE))
    asked = replace(recording, hints=SpeakerHints(exact=3))
    transcript = quiet(asked, tmp_path, seen.append).transcript
    assert "3 speakers were asked for, but there is evidence for only 0." in transcript.warnings
    assert seen[-1].fraction == pytest.approx(1.0)


def test_words_survive_a_failed_diarization(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    outcome = replace(use_case, diarizer=FakeDiarizer(fault=Fault.FAIL))(recording, tmp_path)
    assert len(outcome.transcript.words) == len(known_words(Interval(0, SECONDS)))
    assert outcome.transcript.speakers == ()
    assert "Speakers could not be told apart" in outcome.transcript.warnings[0]
    assert outcome.evidence is None


def test_speakers_survive_a_failed_recognition(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    with pytest.raises(RecognitionFailed) as failure:
        replace(use_case, transcriber=FakeTranscriber(fault=Fault.FAIL))(recording, tmp_path)
    partial = failure.value.partial
    assert len(partial.transcript.turns) == SECONDS / 5
    assert partial.transcript.words == ()
    assert partial.evidence is not None
    assert isinstance(failure.value.__cause__, EngineFailed)


def test_without_diarization_a_failed_recognition_is_the_engines_error(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    with pytest.raises(EngineFailed, match="injected failure"):
        replace(use_case, transcriber=FakeTranscriber(fault=Fault.FAIL))(
            replace(recording, diarize=False), tmp_path
        )


def test_a_bug_in_a_branch_is_not_taken_for_an_engine_error(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match="injected fault"):
        replace(use_case, diarizer=FakeDiarizer(fault=Fault.RAISE))(recording, tmp_path)


def test_cancelling_ends_both_branches(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    slow = replace(
        use_case,
        transcriber=FakeTranscriber(seconds_per_window=20),
        diarizer=FakeDiarizer(seconds=20),
    )
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()

    def observe(_report: StageProgress) -> None:
        if stop.is_set():
            raise Cancelled

    start = time.monotonic()
    with pytest.raises(Cancelled):
        slow(recording, tmp_path, observe)
    assert time.monotonic() - start < 2


def test_an_unknown_language_is_refused_before_any_work(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedLanguage, match="de, en"):
        use_case(replace(recording, options=TranscriptionOptions("xx")), tmp_path)
    assert not (tmp_path / "audio.s16").exists()


def test_hints_are_obeyed_and_more_than_there_are_is_said(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    one = use_case(replace(recording, hints=SpeakerHints(exact=1)), tmp_path).transcript
    assert [speaker.id for speaker in one.speakers] == ["A"]
    five = use_case(replace(recording, hints=SpeakerHints(exact=5)), tmp_path).transcript
    assert len(five.speakers) == 2
    assert "5 speakers were asked for, but there is evidence for only 2." in five.warnings


def test_names_go_to_speakers_in_order_of_appearance(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    named = use_case(replace(recording, names=("Ana", "Ben", "Cy")), tmp_path).transcript
    assert [speaker.name for speaker in named.speakers] == ["Ana", "Ben"]
    assert "3 names were given, but only 2 speakers were found." in named.warnings


def test_what_the_decoder_noticed_is_passed_on(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    torn = replace(use_case, decoder=FakeDecoder(SOUND, ("It is cut short.",)))
    assert torn(recording, tmp_path).transcript.warnings == ("It is cut short.",)


def test_rediarizing_gives_what_transcribing_with_those_hints_gives(
    use_case: TranscribeRecording, recording: TranscriptionRequest, tmp_path: Path
) -> None:
    hints = SpeakerHints(exact=1)
    outcome = use_case(recording, tmp_path)
    assert outcome.evidence is not None
    kept = SpeakerEvidence.from_bytes(outcome.evidence.to_bytes())
    again = Rediarize(use_case.diarizer)(outcome.transcript, kept, hints, ["Ana"])
    afresh = use_case(replace(recording, hints=hints, names=("Ana",)), tmp_path).transcript
    assert again == afresh
