"""Words of sound while it comes in, from an engine that takes streams."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.memory.engines import FakeSpeechMeter
from quoth.adapters.process.engine import InferenceProcess
from quoth.adapters.process.lane import LaneTranscriber
from quoth.adapters.process.proxies import ProcessTranscriber
from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.errors import EngineFailed
from quoth.domain.live import LiveEvent, TextAdded, TextCompleted, TextFailed, TextGuessed
from quoth.domain.transcript import Word
from quoth.domain.voice_activity import TurnDetection
from quoth.ports.progress import unobserved
from quoth.ports.streaming import StreamingTranscriber
from quoth.ports.transcriber import Transcriber, TranscriptionOptions
from quoth.use_cases.live_pace import LEAST_STEP, Pace
from quoth.use_cases.live_session import LiveOptions, LiveSession
from quoth.use_cases.live_streams import StreamDecoder, decoder_for
from quoth.use_cases.local_agreement import LocalAgreement
from tests.live_words import (
    RIGHT_SECONDS,
    WORD_SECONDS,
    LoudnessStreamer,
    LoudnessTranscriber,
    said,
    silence,
)


def session_of(engine: Transcriber, options: LiveOptions | None = None) -> LiveSession:
    return LiveSession(
        engine, FakeSpeechMeter(), options or LiveOptions(has_guesses=True), lambda: 0.0
    )


def speak(session: LiveSession, sound: Samples, piece: float = 0.1) -> list[LiveEvent]:
    """Let sound come in, and the engine go on whenever it is due; return what happened."""
    told: list[LiveEvent] = []
    size = int(piece * SAMPLE_RATE)
    for first in range(0, len(sound), size):
        session.hear(sound[first : first + size])
        while session.is_due:
            session.recognise(unobserved)
        told += session.take_events()
    return told


def settled(told: list[LiveEvent]) -> list[Word]:
    return [word for event in told if isinstance(event, TextAdded) for word in event.words]


def completed(told: list[LiveEvent]) -> list[str]:
    return [event.text for event in told if isinstance(event, TextCompleted)]


def names(*numbers: int) -> str:
    return " ".join(f"word{number}" for number in numbers)


@pytest.mark.parametrize("piece", [0.02, 0.1, 0.37, 100.0])
def test_every_word_is_settled_once_at_its_time_however_the_sound_comes_in(piece: float) -> None:
    engine = LoudnessStreamer()
    sound = np.concatenate([silence(0.5), said(range(80)), silence(1)])
    told = speak(session_of(engine), sound, piece)
    assert completed(told) == [names(*range(80))]
    words = settled(told)
    assert [word.text for word in words] == [f"word{number}" for number in range(80)]
    starts = [0.5 + number * WORD_SECONDS for number in range(80)]
    assert [word.start for word in words] == pytest.approx(starts, abs=0.01)
    assert engine.streams == 1
    assert sum(engine.seconds) <= len(sound) / SAMPLE_RATE


def test_what_is_not_sure_yet_is_the_guess_and_settles_soon() -> None:
    session = session_of(LoudnessStreamer())
    told = speak(session, said(range(10)))
    spoken = 10 * WORD_SECONDS
    last = settled(told)[-1]
    assert last.end >= spoken - RIGHT_SECONDS - LEAST_STEP - WORD_SECONDS
    guess = [event.text for event in told if isinstance(event, TextGuessed)][-1]
    assert guess.split() == [f"word{number}" for number in range(len(settled(told)), 10)]


def test_utterances_are_streams_of_their_own() -> None:
    engine = LoudnessStreamer()
    sound = [said([1, 2]), silence(0.7), said([3]), silence(0.7)]
    told = speak(session_of(engine), np.concatenate(sound))
    assert completed(told) == [names(1, 2), names(3)]
    assert engine.streams == 2
    assert settled(told)[-1].start == pytest.approx(1.7, abs=0.01)


@pytest.mark.parametrize("silent", [0.3, 0.45, 1.0, 1.9])
def test_words_around_a_pause_that_ends_no_turn_are_told_once(silent: float) -> None:
    options = LiveOptions(turns=TurnDetection(silence_duration_ms=2000), has_guesses=True)
    session = session_of(LoudnessStreamer(), options)
    sound = [said([1, 2, 3]), silence(silent), said([4, 5]), silence(2.5)]
    told = speak(session, np.concatenate(sound))
    assert completed(told) == [names(1, 2, 3, 4, 5)]
    assert [word.text for word in settled(told)] == names(1, 2, 3, 4, 5).split()


def test_a_turn_that_ends_is_over_without_another_pass() -> None:
    engine = LoudnessStreamer()
    session = session_of(engine)
    speak(session, np.concatenate([said([1, 2]), silence(0.45)]))
    passes = len(engine.seconds)
    engine.error = EngineFailed("fake", "injected failure")
    assert completed(speak(session, silence(0.2))) == [names(1, 2)]
    assert len(engine.seconds) == passes


def test_an_utterance_without_an_end_costs_no_memory() -> None:
    session = session_of(LoudnessStreamer(), LiveOptions(turns=None))
    for _ in range(20):
        speak(session, np.concatenate([said([1]), silence(9)]))
        assert session._buffer.last - session._buffer.first < 20 * SAMPLE_RATE
    session.commit()
    assert completed(speak(session, silence(0.1))) == [names(*[1] * 20)]


def test_a_pass_that_fails_is_made_again_and_loses_nothing() -> None:
    engine = LoudnessStreamer()
    session = session_of(engine)
    told = speak(session, said([1, 2, 3]))
    engine.error = EngineFailed("fake", "injected failure")
    told += speak(session, said([4, 5]))
    engine.error = None
    told += speak(session, np.concatenate([said([6]), silence(1)]))
    assert completed(told) == [names(*range(1, 7))]
    assert engine.streams == 1


def test_an_engine_that_fails_at_the_end_is_told() -> None:
    engine = LoudnessStreamer()
    engine.error = EngineFailed("fake", "injected failure")
    told = speak(session_of(engine), np.concatenate([said([1]), silence(1)]))
    assert any(isinstance(event, TextFailed) for event in told)
    assert completed(told) == []


def test_sound_that_always_fails_is_left_behind() -> None:
    engine = LoudnessStreamer()
    engine.error = EngineFailed("fake", "injected failure")
    session = session_of(engine)
    speak(session, said(range(80)))
    assert session.has_room
    engine.error = None
    told = speak(session, np.concatenate([said([85, 86]), silence(1)]))
    assert completed(told)[0].endswith(names(85, 86))


def test_an_engine_without_streams_and_keywords_have_looks() -> None:
    plain, keywords = TranscriptionOptions(), TranscriptionOptions(keywords=("Quoth",))
    looking, streaming = LoudnessTranscriber(), LoudnessStreamer()
    assert isinstance(decoder_for(0, streaming, plain, Pace()), StreamDecoder)
    assert isinstance(decoder_for(0, streaming, keywords, Pace()), LocalAgreement)
    assert isinstance(decoder_for(0, looking, plain, Pace()), LocalAgreement)


def build(_name: str) -> object:
    """Make what the inference process holds."""
    return LaneTranscriber(LoudnessStreamer())


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[InferenceProcess]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # for `build` in the child
    process = InferenceProcess(build)
    yield process
    process.close()


@pytest.mark.slow
def test_a_stream_goes_on_in_another_process_when_its_own_is_lost(
    process: InferenceProcess,
) -> None:
    engine = ProcessTranscriber(process, "transcriber", LoudnessStreamer().info)
    assert isinstance(engine, StreamingTranscriber)
    session = session_of(engine)
    told = speak(session, said(range(6)))
    assert settled(told)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    told += speak(session, np.concatenate([said(range(6, 12)), silence(1)]))
    assert process.pid != first
    assert completed(told) == [names(*range(12))]
