from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.audio import Interval
from quoth.domain.stitching import settle, stitch
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window

OVERLAP = 2.0
VOCABULARY = ("the", "a", "no", "yes", "Yes,", "well", "house", "running", "end.", "I")


@st.composite
def spoken(draw: st.DrawFn) -> list[Word]:
    clock, words = 0.0, []
    gaps = st.one_of(st.just(0.0), st.floats(0.0, 0.3), st.floats(0.0, 3.0))
    for text in draw(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=80)):
        start = clock + draw(gaps)
        clock = start + draw(st.floats(0.1, 0.9))
        words.append(Word(text, start, clock, 0.9, None))
    return words


def heard(words: Sequence[Word], interval: Interval, partial: str) -> list[Word]:
    """What a window hears: whole words as they are, cut ones missing or garbled."""
    result = []
    for word in words:
        start, end = max(word.start, interval.start), min(word.end, interval.end)
        if end <= start:
            continue
        if (start, end) == (word.start, word.end):
            text = word.text
        elif partial == "missing":
            continue
        else:
            text = "garbled" if partial == "garbled" else word.text
        result.append(Word(text, start - interval.start, end - interval.start, word.confidence))
    return result


def cut(duration: float, length: float) -> list[Window]:
    windows: list[Window] = []
    start = 0.0
    while not windows or windows[-1].interval.end < duration:
        windows.append(Window(Interval(start, min(start + length, duration))))
        start += length - OVERLAP
    return windows


@given(spoken(), st.floats(5.0, 20.0), st.sampled_from(["missing", "garbled", "whole"]))
def test_words_heard_in_overlapping_windows_come_back_once_for_any_cut(
    words: list[Word], length: float, partial: str
) -> None:
    windows = cut(words[-1].end, length)
    stitched = stitch(windows, [heard(words, window.interval, partial) for window in windows])

    assert [word.text for word in stitched] == [word.text for word in words]
    assert [word.start for word in stitched] == pytest.approx([word.start for word in words])


@given(spoken(), st.lists(st.floats(-0.12, 0.12), min_size=200, max_size=200))
def test_windows_that_disagree_a_little_about_times_lose_and_double_nothing(
    words: list[Word], errors: list[float]
) -> None:
    distinct = [
        Word(f"{word.text}{index}", word.start, word.end, word.confidence)
        for index, word in enumerate(words)
    ]
    windows = cut(distinct[-1].end, 8.0)
    per_window = [heard(distinct, window.interval, "missing") for window in windows]
    shaken = [
        [_moved(word, errors[(7 * index + position) % 200]) for position, word in enumerate(one)]
        for index, one in enumerate(per_window)
    ]
    assert [word.text for word in stitch(windows, shaken)] == [word.text for word in distinct]


@given(spoken(), st.floats(5.0, 20.0))
def test_words_leave_in_order_of_start(words: list[Word], length: float) -> None:
    windows = cut(words[-1].end, length)
    stitched = stitch(windows, [heard(words, window.interval, "garbled") for window in windows])
    starts = [word.start for word in stitched]
    assert starts == sorted(starts)


@given(spoken(), st.floats(5.0, 20.0), spoken(), st.integers(0, 10))
def test_settled_words_stay_whatever_later_windows_hear(
    words: list[Word], length: float, others: list[Word], count: int
) -> None:
    windows = cut(words[-1].end, length)
    as_heard = [heard(words, window.interval, "garbled") for window in windows]
    otherwise = [heard(others, window.interval, "garbled") for window in windows]
    settled = [word for some in list(settle(windows, as_heard))[:count] for word in some]
    if count < len(windows):
        assert stitch(windows, as_heard[:count] + otherwise[count:])[: len(settled)] == settled
    assert stitch(windows, as_heard)[: len(settled)] == settled


def test_only_words_that_reach_into_the_next_window_wait_for_it() -> None:
    windows = [Window(Interval(0.0, 10.0)), Window(Interval(8.0, 18.0)), Window(Interval(18.0, 20))]
    words = [
        [Word("one", 1.0, 1.5), Word("two", 7.9, 8.1), Word("three", 9.0, 9.5)],
        [Word("three", 1.0, 1.5), Word("four", 8.0, 8.5)],
        [Word("five", 0.5, 1.0)],
    ]
    settled = [[word.text for word in some] for some in settle(windows, words)]
    assert settled == [["one"], ["two", "three", "four"], ["five"]]


def test_windows_apart_are_joined_as_they_are() -> None:
    windows = [Window(Interval(0.0, 2.0)), Window(Interval(5.0, 7.0))]
    joined = stitch(windows, [[Word("one", 0.5, 1.0)], [Word("two", 0.5, 1.0)]])
    assert [(word.text, word.start, word.end) for word in joined] == [
        ("one", 0.5, 1.0),
        ("two", 5.5, 6.0),
    ]


def test_a_word_both_windows_heard_differently_in_the_middle_is_not_doubled() -> None:
    windows = [Window(Interval(0.0, 10.0)), Window(Interval(8.0, 18.0))]
    left = [Word("begin", 7.0, 7.5), Word("dogma", 8.7, 9.2)]
    right = [Word("dogmas", 0.8, 1.3), Word("end", 3.0, 3.5)]
    assert [word.text for word in stitch(windows, [left, right])] == ["begin", "dogma", "end"]


def test_the_second_window_takes_over_in_the_middle_of_the_overlap() -> None:
    windows = [Window(Interval(0.0, 10.0)), Window(Interval(8.0, 18.0))]
    left = [Word("one", 8.1, 8.3), Word("two", 8.9, 9.1), Word("three", 9.5, 9.9)]
    right = [Word("One", 0.1, 0.3), Word("two", 0.9, 1.1), Word("trees", 1.5, 1.9)]
    assert [word.text for word in stitch(windows, [left, right])] == ["one", "two", "trees"]


def test_nothing_gives_nothing() -> None:
    assert stitch([], []) == []
    assert stitch([Window(Interval(0.0, 1.0))], [[]]) == []


def _moved(word: Word, seconds: float) -> Word:
    start = max(0.0, word.start + seconds)
    return Word(word.text, start, max(start, word.end + seconds), word.confidence)
