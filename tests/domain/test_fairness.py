"""Whose turn it is."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.fairness import LANES, MOST_PRIORITY, SHORT_SECONDS, lane_of, next_turn

Request = tuple[str, float]
"""Whose recording comes in, and its seconds."""


def served(requests: Sequence[Request]) -> list[int]:
    """Return the order in which recordings of one lane that all wait are taken."""
    ends: dict[str, int] = {}
    places = []
    for number, (owner, seconds) in enumerate(requests):
        turn = next_turn(seconds, 0, ends.get(owner))
        ends[owner] = turn.priority
        places.append((turn.priority, number))
    return [number for _, number in sorted(places)]


def test_a_short_clip_never_waits_for_a_long_recording() -> None:
    assert lane_of(10.0) != lane_of(36_000.0)
    assert {lane_of(SHORT_SECONDS), lane_of(SHORT_SECONDS + 1)} == set(LANES)


def test_an_owner_with_many_recordings_delays_another_by_one_alone() -> None:
    many: list[Request] = [("crowd", 60.0)] * 100
    order = served([*many, ("guest", 60.0)])
    assert order.index(100) <= 1


def test_recordings_of_one_owner_are_taken_in_the_order_they_came() -> None:
    assert served([("a", 100.0), ("a", 1.0), ("a", 50.0)]) == [0, 1, 2]


def test_who_comes_late_begins_at_now_and_not_at_the_beginning() -> None:
    assert next_turn(10.0, 5000, None).priority == 5010
    assert next_turn(10.0, 5000, 9000).priority == 9010


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.01, 600)), min_size=1, max_size=60))
def test_no_owner_gets_ahead_by_more_than_one_recording(requests: list[Request]) -> None:
    """The bound of start-time fair queueing, while all owners have something waiting."""
    longest = max(seconds for _, seconds in requests)
    waiting = {owner: sum(s for who, s in requests if who == owner) for owner in "abc"}
    got = dict.fromkeys("abc", 0.0)
    for number in served(requests):
        owner, seconds = requests[number]
        got[owner] += seconds
        busy = [who for who in "abc" if got[who] < waiting[who] - 1e-6]
        if len(busy) > 1:
            shares = [got[who] for who in busy]
            assert max(shares) - min(shares) <= 2 * longest + len(requests)


@given(st.floats(0, 1e12), st.integers(0, MOST_PRIORITY), st.none() | st.integers(0, MOST_PRIORITY))
def test_a_place_is_always_one_that_the_queue_takes(
    seconds: float, now: int, end: int | None
) -> None:
    assert 1 <= next_turn(seconds, now, end).priority <= MOST_PRIORITY
