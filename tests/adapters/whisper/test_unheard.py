import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.adapters.whisper.unheard import unheard_speech, with_unheard
from quoth.domain.audio import Interval
from quoth.domain.transcript import Word


def spoken(*times: tuple[float, float]) -> list[Word]:
    return [Word(f"word{index}", *time) for index, time in enumerate(times)]


def test_the_rest_of_a_window_that_was_left_early_is_unheard() -> None:
    (stretch,) = unheard_speech(spoken((0.0, 0.5), (0.5, 2.0)), [Interval(0.0, 10.0)])
    assert (stretch.start, stretch.end) == pytest.approx((2.2, 10.0))


def test_a_skipped_sentence_is_unheard() -> None:
    words = spoken((0.0, 2.0), (6.0, 9.8))
    (stretch,) = unheard_speech(words, [Interval(0.0, 2.0), Interval(2.5, 5.5), Interval(6, 10)])
    assert (stretch.start, stretch.end) == pytest.approx((2.5, 5.5))


def test_a_pause_is_not_unheard() -> None:
    assert unheard_speech(spoken((0.0, 1.0)), [Interval(0.0, 1.1)]) == []


def test_without_words_all_speech_is_unheard() -> None:
    assert unheard_speech([], [Interval(1.0, 3.0)]) == [Interval(1.0, 3.0)]


def test_short_gaps_between_words_are_not_worth_a_second_hearing() -> None:
    assert unheard_speech(spoken((0.0, 1.0), (2.0, 3.0)), [Interval(0.0, 3.0)]) == []


def test_of_a_second_hearing_only_words_in_the_stretch_are_new() -> None:
    words = spoken((0.0, 1.0), (5.0, 6.0))
    heard = [Word("word0", 0.8, 1.0), Word("lost", 2.0, 2.5), Word("word1", 4.9, 5.9)]
    joined = with_unheard(words, heard, Interval(1.2, 4.8))
    assert [word.text for word in joined] == ["word0", "lost", "word1"]


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0.05, 3.0)), max_size=20),
    st.lists(st.tuples(st.floats(0.1, 5.0), st.floats(0.1, 20.0)), max_size=8),
)
def test_unheard_stretches_hold_no_word_and_are_in_order(
    times: list[tuple[float, float]], stretches: list[tuple[float, float]]
) -> None:
    words = spoken(*sorted((start, start + length) for start, length in times))
    clock, speech = 0.0, []
    for pause, length in stretches:
        speech.append(Interval(clock + pause, clock + pause + length))
        clock = speech[-1].end
    unheard = unheard_speech(words, speech)
    assert unheard == sorted(unheard)
    for stretch in unheard:
        assert stretch.duration >= 1.0
        assert stretch.start >= speech[0].start
        assert stretch.end <= speech[-1].end
