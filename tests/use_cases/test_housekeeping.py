"""A thread for what has to be done now and then."""

from collections.abc import Callable
from queue import Queue
from threading import Event

from quoth.use_cases.housekeeping import HOUR, Housekeeping


class Hours:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.asked: Queue[float] = Queue()
        self.passing: Queue[None] = Queue()

    def pause(self, stopping: Event, seconds: float) -> bool:
        self.asked.put(seconds)
        self.passing.get(timeout=10)
        return stopping.is_set()


def test_chores_are_done_at_the_start_and_every_hour_even_after_one_has_failed() -> None:
    hours, done = Hours(), []

    def fails(_is_stopping: Callable[[], bool]) -> None:
        done.append("fails")
        raise OSError("no disk")

    house = Housekeeping([fails, lambda _: done.append("works")], pause=hours.pause)
    house.start()
    assert hours.asked.get(timeout=10) == HOUR
    assert done == ["fails", "works"]
    hours.passing.put(None)
    assert hours.asked.get(timeout=10) == HOUR
    assert done == ["fails", "works"] * 2
    hours.passing.put(None)
    hours.asked.get(timeout=10)
    hours.passing.put(None)
    house.stop()


def test_stopping_ends_a_pause_and_a_chore_under_way() -> None:
    begun, ended = Event(), Event()

    def long(is_stopping: Callable[[], bool]) -> None:
        begun.set()
        while not is_stopping():
            Event().wait(0.01)
        ended.set()

    house = Housekeeping([long])
    house.start()
    assert begun.wait(10)
    house.stop()
    assert ended.is_set()
    house.stop()


def test_one_that_was_never_started_can_be_stopped() -> None:
    Housekeeping([]).stop()
