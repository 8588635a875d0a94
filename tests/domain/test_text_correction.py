"""Other words in the time of those that were misheard."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.audio import Interval
from quoth.domain.text_correction import MOST_WORDS, correct_words
from quoth.domain.transcript import Word, join_words
from tests.strategies import LANGUAGES, texts

ROOM = Interval(0, 10)


def said(text: str, start: float = 1.0, seconds: float = 0.5, speaker: str = "A") -> list[Word]:
    """Words one after the other without a pause."""
    return [
        Word(one, start + at * seconds, start + (at + 1) * seconds, 0.9, speaker)
        for at, one in enumerate(text.split())
    ]


def timed(words: list[Word]) -> list[tuple[str, float, float]]:
    return [(one.text, round(one.start, 3), round(one.end, 3)) for one in words]


def test_words_that_stay_are_the_same_words() -> None:
    heard = said("the quick brown fix jumps")
    corrected = correct_words(heard, "the quick brown fox jumps", "en", ROOM)
    assert corrected[:3] == heard[:3]
    assert corrected[4] == heard[4]
    assert corrected[3] == Word("fox", 2.5, 3.0, None, "A")


def test_as_many_words_take_the_times_one_by_one() -> None:
    heard = [Word("new", 1, 1.2), Word("ark", 3, 3.1)]
    assert timed(correct_words(heard, "a bicycle", "en", ROOM)) == [
        ("a", 1, 1.2),
        ("bicycle", 3, 3.1),
    ]


def test_more_words_share_the_time_by_length() -> None:
    corrected = correct_words(said("recognise", seconds=1.2), "wreck a nice", "en", ROOM)
    assert timed(corrected) == [("wreck", 1, 1.6), ("a", 1.6, 1.72), ("nice", 1.72, 2.2)]


def test_fewer_words_have_all_the_time() -> None:
    corrected = correct_words(said("wreck a nice beach"), "recognise speech", "en", ROOM)
    assert (corrected[0].start, corrected[-1].end) == (1.0, 3.0)


def test_inserted_words_take_the_pause_and_no_more_than_they_need() -> None:
    heard = [*said("I have", 1), *said("seen it", 5)]
    corrected = correct_words(heard, "I have never seen it", "en", ROOM)
    assert timed(corrected)[2] == ("never", 2.0, 2.4)
    assert [*corrected[:2], *corrected[3:]] == heard


def test_a_word_inserted_where_there_is_no_pause_moves_nobody() -> None:
    heard = said("I have seen")
    corrected = correct_words(heard, "I have never seen", "en", ROOM)
    assert timed(corrected)[2] == ("never", 2.0, 2.0)
    assert [*corrected[:2], corrected[3]] == heard


def test_words_inserted_at_the_ends_take_the_room_beside_them() -> None:
    corrected = correct_words(said("begin", 1), "let us begin now", "en", Interval(0.5, 9))
    assert timed(corrected) == [
        ("let", 0.5, 0.8),
        ("us", 0.8, 1.0),
        ("begin", 1.0, 1.5),
        ("now", 1.5, 1.9),
    ]


def test_corrected_words_are_said_by_whom_was_heard_then() -> None:
    heard = [*said("one two"), *said("three", 2.0, speaker="B")]
    corrected = correct_words(heard, "won too many tree", "en", ROOM)
    assert [one.speaker for one in corrected] == ["A", "A", "A", "B"]


def test_words_of_a_language_without_spaces_keep_their_times_by_character() -> None:
    heard = said("東京 は 雨 です。")
    corrected = correct_words(heard, "東京は晴れです。", "ja", ROOM)
    assert [one.text for one in corrected] == ["東京", "は", "晴", "れ", "です。"]
    assert [*corrected[:2], corrected[-1]] == [*heard[:2], heard[-1]]
    assert timed(corrected)[2:4] == [("晴", 2.0, 2.25), ("れ", 2.25, 2.5)]


def test_latin_words_and_brackets_stay_whole_among_characters() -> None:
    corrected = correct_words(said("あ"), "「GPT 4o」を使う。", "ja", ROOM)
    assert [one.text for one in corrected] == ["「GPT", "4o」", "を", "使", "う。"]


lists = st.lists(texts(), min_size=1, max_size=15)


@given(lists, st.lists(texts() | st.sampled_from(["a", "b"])), st.sampled_from(LANGUAGES))
def test_what_is_read_afterwards_is_what_was_written(
    heard: list[str], meant: list[str], language: str
) -> None:
    words = [Word(text, at, at + 0.5) for at, text in enumerate(heard)]
    text = " ".join(meant)
    corrected = correct_words(words, text, language, Interval(0, 100))
    read = join_words(corrected, language)
    assert "".join(read.split()) == "".join(text.split())
    assert all(left.end <= right.start for left, right in pairwise(corrected))


@given(lists, st.sampled_from(LANGUAGES))
def test_a_correction_to_the_same_text_changes_nothing(heard: list[str], language: str) -> None:
    words = [Word(text, at, at + 0.5, 0.5, "A") for at, text in enumerate(heard)]
    assert correct_words(words, " ".join(heard), language, Interval(0, 100)) == words


@pytest.mark.parametrize("heard", ["a", "a b", "a b a c"])
def test_a_sentence_said_over_and_over_is_compared_in_reasonable_time(heard: str) -> None:
    repeated = said(f"{heard} " * (MOST_WORDS // len(heard.split())), seconds=0.01)
    meant = " z ".join(one.text for one in repeated[: MOST_WORDS // 2])
    started = time.process_time()
    corrected = correct_words(repeated, meant, "en", Interval(0, 100))
    assert time.process_time() - started < 3
    assert join_words(corrected, "en") == meant
