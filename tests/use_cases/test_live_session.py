"""Words of sound while it comes in."""

import threading

import numpy as np
import pytest

from quoth.adapters.memory.engines import FakeSpeechMeter
from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.errors import EngineFailed
from quoth.domain.live import LiveEvent, TextAdded, TextCompleted, TextFailed, TextGuessed
from quoth.domain.live_errors import NothingToCommit
from quoth.ports.progress import unobserved
from quoth.use_cases.live_pace import Pace
from quoth.use_cases.live_session import LiveOptions, LiveSession
from quoth.use_cases.local_agreement import LONGEST_SECONDS
from tests.live_words import LoudnessTranscriber, said, silence


class Clock:
    """Moves on by what a look is to cost."""

    def __init__(self, cost: float = 0.0) -> None:
        self.cost, self.now = cost, 0.0

    def __call__(self) -> float:
        self.now += self.cost
        return self.now


def session_of(
    transcriber: LoudnessTranscriber, options: LiveOptions | None = None, cost: float = 0.0
) -> LiveSession:
    return LiveSession(transcriber, FakeSpeechMeter(), options or LiveOptions(), Clock(cost))


def speak(session: LiveSession, sound: Samples, piece: float = 0.1) -> list[LiveEvent]:
    """Let sound come in, and the engine look whenever it is due; return what happened."""
    told: list[LiveEvent] = []
    size = int(piece * SAMPLE_RATE)
    for first in range(0, len(sound), size):
        session.hear(sound[first : first + size])
        told += look(session)
    return told


def look(session: LiveSession) -> list[LiveEvent]:
    while session.is_due:
        session.recognise(unobserved)
    return session.take_events()


def added(told: list[LiveEvent]) -> str:
    return "".join(event.text for event in told if isinstance(event, TextAdded))


def completed(told: list[LiveEvent]) -> list[str]:
    return [event.text for event in told if isinstance(event, TextCompleted)]


@pytest.mark.parametrize("piece", [0.02, 0.1, 0.37, 100.0])
def test_a_long_utterance_loses_and_doubles_no_word(piece: float) -> None:
    transcriber = LoudnessTranscriber()
    session = session_of(transcriber)
    told = speak(session, np.concatenate([said(range(80)), silence(1)]), piece)
    expected = " ".join(f"word{n}" for n in range(80))
    assert completed(told) == [expected]
    assert added(told) == expected
    assert max(transcriber.seconds) <= LONGEST_SECONDS


def test_words_are_settled_long_before_an_utterance_ends() -> None:
    told = speak(session_of(LoudnessTranscriber()), said(range(10)))
    assert completed(told) == []
    assert added(told).startswith("word0 word1 word2")


def test_pauses_part_utterances() -> None:
    sound = [said([1, 2]), silence(0.7), said([3]), silence(0.7)]
    told = speak(session_of(LoudnessTranscriber()), np.concatenate(sound))
    assert completed(told) == ["word1 word2", "word3"]


def test_what_was_heard_in_the_pause_is_not_heard_again_at_the_end() -> None:
    transcriber = LoudnessTranscriber()
    session = session_of(transcriber)
    speak(session, np.concatenate([said([1, 2]), silence(0.3)]))
    looks = len(transcriber.seconds)
    assert not transcriber.drafts[-1]
    assert completed(speak(session, silence(0.4))) == ["word1 word2"]
    assert len(transcriber.seconds) == looks


def test_who_goes_on_after_a_pause_is_heard_to_the_end() -> None:
    transcriber = LoudnessTranscriber()
    sound = [said([1, 2]), silence(0.3), said([3]), silence(0.7)]
    assert completed(speak(session_of(transcriber), np.concatenate(sound))) == ["word1 word2 word3"]
    assert transcriber.drafts[0]


def test_who_begins_to_speak_does_not_wait_for_the_words_of_before() -> None:
    session = session_of(LoudnessTranscriber(), LiveOptions(has_guesses=True))
    session.hear(np.concatenate([said([1, 2]), silence(0.7), said([3, 4])]))
    session.recognise(unobserved)
    first = next(event for event in session.take_events() if isinstance(event, TextGuessed))
    assert first.text.startswith("word3")
    assert completed(look(session)) == ["word1 word2"]


def test_an_engine_is_told_only_of_text_from_before_the_window() -> None:
    transcriber = LoudnessTranscriber(has_prompt=True)
    speak(session_of(transcriber), said(range(60)))
    prompts = list(zip(transcriber.prompts, transcriber.told, strict=True))
    assert any(prompt for prompt, _ in prompts)
    for prompt, words in prompts:
        assert not {word.text for word in words[1:]} & set((prompt or "").split())


def test_a_slow_engine_is_asked_less_often() -> None:
    quick, slow = LoudnessTranscriber(), LoudnessTranscriber()
    sound = said(range(20))
    speak(session_of(quick, cost=0.05), sound)
    speak(session_of(slow, cost=2.0), sound)
    assert len(quick.seconds) > 2 * len(slow.seconds)
    assert Pace(2.0).step == pytest.approx(2.5)


def test_an_endless_silence_costs_neither_memory_nor_engine() -> None:
    transcriber = LoudnessTranscriber()
    session = session_of(transcriber)
    for _ in range(60):
        speak(session, silence(10), 1.0)
        assert session._buffer.last - session._buffer.first < 3 * SAMPLE_RATE
    assert transcriber.seconds == []


def test_an_utterance_without_an_end_costs_no_memory() -> None:
    session = session_of(LoudnessTranscriber(), LiveOptions(turns=None))
    for _ in range(20):
        speak(session, np.concatenate([said([1]), silence(9)]))
        assert session._buffer.last - session._buffer.first < 20 * SAMPLE_RATE
    session.commit()
    assert completed(look(session)) == [" ".join(["word1"] * 20)]


def test_an_engine_that_fails_once_loses_only_what_it_did_not_hear() -> None:
    transcriber = LoudnessTranscriber()
    session = session_of(transcriber)
    transcriber.error = EngineFailed("fake", "injected failure")
    told = speak(session, said([1, 2]))
    assert told
    transcriber.error = None
    told = speak(session, np.concatenate([said([3]), silence(1)]))
    assert completed(told) == ["word1 word2 word3"]


def test_an_engine_that_fails_at_the_end_is_told() -> None:
    transcriber = LoudnessTranscriber()
    transcriber.error = EngineFailed("fake", "injected failure")
    told = speak(session_of(transcriber), np.concatenate([said([1]), silence(1)]))
    assert any(isinstance(event, TextFailed) for event in told)
    assert completed(told) == []


def test_nothing_cannot_be_committed() -> None:
    session = session_of(LoudnessTranscriber(), LiveOptions(turns=None))
    with pytest.raises(NothingToCommit):
        session.commit()


def test_what_is_cleared_while_it_is_recognised_is_never_told() -> None:
    transcriber = LoudnessTranscriber()
    session = session_of(transcriber, LiveOptions(turns=None))
    transcriber.may_go_on.clear()
    session.hear(said([1, 2]))
    looking = threading.Thread(target=session.recognise, args=(unobserved,))
    looking.start()
    assert transcriber.is_asked.wait(10)
    session.clear()
    transcriber.may_go_on.set()
    looking.join(10)
    session.hear(said([3, 4]))
    session.commit()
    assert completed(look(session)) == ["word3 word4"]


def test_detecting_turns_can_be_turned_on_in_the_middle() -> None:
    transcriber = LoudnessTranscriber()
    session = session_of(transcriber, LiveOptions(turns=None))
    speak(session, said([1]))
    session.change(transcriber, LiveOptions())
    told = speak(session, np.concatenate([said([2]), silence(1)]))
    assert completed(told) == ["word1 word2"]
