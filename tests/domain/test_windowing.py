from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.audio import Interval
from quoth.domain.windowing import Window, WindowLimits, growing_groups, plan_windows

LIMITS = WindowLimits(longest=20.0, padding=0.3, longest_pause=2.0, overlap=2.0)


@st.composite
def speech(draw: st.DrawFn) -> list[Interval]:
    lengths = st.tuples(st.floats(0.01, 8.0), st.floats(0.05, 90.0))
    clock, stretches = 0.0, []
    for pause, seconds in draw(st.lists(lengths, max_size=40)):
        stretches.append(Interval(clock + pause, clock + pause + seconds))
        clock = stretches[-1].end
    return stretches


@st.composite
def limits(draw: st.DrawFn) -> WindowLimits:
    return WindowLimits(
        longest=draw(st.floats(10.0, 30.0)),
        padding=draw(st.floats(0.0, 1.0)),
        longest_pause=draw(st.floats(0.0, 5.0)),
        clear_pause=draw(st.floats(0.0, 1.0)),
        overlap=draw(st.floats(0.0, 3.0)),
    )


def plan(*stretches: tuple[float, float], duration: float = 1000.0) -> list[Window]:
    return plan_windows([Interval(*stretch) for stretch in stretches], duration, LIMITS)


@given(speech(), limits(), st.floats(0.0, 10.0))
def test_windows_keep_all_speech_and_no_window_is_longer_than_allowed(
    stretches: list[Interval], limits: WindowLimits, rest: float
) -> None:
    duration = (stretches[-1].end if stretches else 0.0) + rest
    windows = plan_windows(stretches, duration, limits)

    assert all(window.interval.duration <= limits.longest + 1e-6 for window in windows)
    assert all(window.interval.start >= 0 for window in windows)
    assert all(window.interval.end <= duration + 1e-9 for window in windows)
    for stretch in stretches:
        heard = stretch.start
        for window in windows:
            if window.interval.start <= heard + 1e-6:
                heard = max(heard, window.interval.end)
        assert heard >= stretch.end - 1e-6


@given(speech(), limits())
def test_windows_are_in_order_and_overlap_only_inside_speech(
    stretches: list[Interval], limits: WindowLimits
) -> None:
    windows = plan_windows(stretches, 1e5, limits)
    for left, right in pairwise(windows):
        assert left.interval.start < right.interval.start
        assert left.interval.end < right.interval.end
        shared = left.interval.end - right.interval.start
        if shared > 1e-6:
            assert shared <= limits.overlap + 1e-6
            middle = left.interval.end - shared / 2
            assert any(stretch.start < middle < stretch.end for stretch in stretches)


@given(speech(), limits())
def test_a_window_knows_the_speech_in_it(stretches: list[Interval], limits: WindowLimits) -> None:
    for window in plan_windows(stretches, 1e5, limits):
        assert window.speech
        for stretch in window.speech:
            assert stretch.overlap(window.interval) == pytest.approx(stretch.duration, abs=1e-6)


def test_silence_needs_no_window() -> None:
    assert plan() == []


def test_neighbours_share_a_window() -> None:
    (window,) = plan((1.0, 3.0), (3.5, 9.0))
    assert (window.interval.start, window.interval.end) == pytest.approx((0.7, 9.3))


def test_a_long_pause_ends_a_window() -> None:
    assert len(plan((1.0, 3.0), (6.0, 9.0))) == 2


def test_padding_stays_inside_the_recording() -> None:
    (window,) = plan((0.1, 5.0), duration=5.1)
    assert window.interval == Interval(0.0, 5.1)


def test_padding_of_neighbours_meets_in_the_middle_of_their_pause() -> None:
    left, right = plan((0.0, 15.0), (15.2, 30.0))
    assert left.interval.end == right.interval.start == pytest.approx(15.1)


def test_a_window_is_cut_at_a_clear_pause_rather_than_filled_to_the_brim() -> None:
    left, right = plan((0.0, 12.0), (12.6, 18.0), (18.05, 30.0))
    assert left.interval.end == pytest.approx(12.3)
    assert right.interval.start == pytest.approx(12.3)


def test_speech_without_a_pause_is_cut_with_an_overlap() -> None:
    windows = plan((0.0, 50.0))
    assert len(windows) == 3
    for left, right in pairwise(windows):
        assert left.interval.end - right.interval.start == pytest.approx(2.0)


def test_ten_hours_are_planned_in_little_time() -> None:
    stretches = [Interval(index * 1.5, index * 1.5 + 1.2) for index in range(24_000)]
    assert len(plan_windows(stretches, 36_000.0, LIMITS)) < 2_200


def test_limits_that_leave_no_room_for_speech_are_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        WindowLimits(longest=5.0, padding=1.0, overlap=2.0)
    with pytest.raises(ValueError, match="negative"):
        WindowLimits(padding=-0.1)


@given(st.lists(st.floats(0.5, 30.0), max_size=60), st.floats(1.0, 300.0))
def test_groups_begin_with_one_window_and_grow_to_the_most(
    lengths: list[float], most: float
) -> None:
    windows = [Window(Interval(0.0, length)) for length in lengths]
    groups = list(growing_groups(windows, most))
    assert [window for group in groups for window in group] == windows
    heard = 0.0
    for group in groups:
        seconds = sum(window.interval.duration for window in group)
        assert len(group) == 1 or seconds <= min(heard, most) + 1e-6
        heard += seconds
    assert not groups or len(groups[0]) == 1


def test_groups_double_until_the_engine_has_a_batch() -> None:
    windows = [Window(Interval(0.0, 10.0))] * 20
    assert [len(group) for group in growing_groups(windows, 60.0)] == [1, 1, 2, 4, 6, 6]
