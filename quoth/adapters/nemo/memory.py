"""Batches within a memory budget, and what to do when memory runs out all the same."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from quoth.adapters.pytorch.errors import is_out_of_memory
from quoth.domain.errors import EngineOutOfMemory

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOMENT = 1.0
"""Seconds; shorter windows cost as much as one of this length."""


class Budget:
    """How much audio goes through the network at once.

    It only shrinks: what once did not fit is not tried again in this process.

    Args:
        seconds: of audio, padding included.
        most: windows, however short.
        recover: called after memory ran out, to give back what can be given back.
    """

    def __init__(self, seconds: float, most: int, recover: Callable[[], None]) -> None:
        self.seconds = seconds
        self._most = most
        self._recover = recover

    def batches(self, durations: Sequence[float]) -> Iterator[list[int]]:
        """Yield indices of windows grouped by length, longest first, within the budget.

        A window that is too long for the budget is a group of its own. Each group keeps to the
        budget as it is when the group is asked for.
        """
        order = sorted(range(len(durations)), key=lambda index: (-durations[index], index))
        while order:
            count = min(self._most, int(self.seconds / max(durations[order[0]], MOMENT)))
            batch = order[: max(1, count)]
            order = order[len(batch) :]
            yield batch

    def run(
        self,
        work: Callable[[Sequence[Item]], list[Answer]],
        items: Sequence[Item],
        longest: float,
    ) -> list[Answer]:
        """Do work on items; where memory does not suffice, on half of them at a time.

        Args:
            work: gives an answer for each item.
            items: at least one.
            longest: seconds of the longest item.

        Raises:
            EngineOutOfMemory: if it does not suffice for a single one.
        """
        try:
            return work(items)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            detail = str(error)
        # Outside the handler: a traceback keeps every tensor of the failed attempt alive.
        self._recover()
        if len(items) == 1:
            raise EngineOutOfMemory("nemo", longest, detail.partition("\n")[0])
        half = len(items) // 2
        self.seconds = min(self.seconds, longest * max(half, 1))
        first = self.run(work, items[:half], longest)
        return first + self.run(work, items[half:], longest)
