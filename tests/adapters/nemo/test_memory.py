"""Batches within a budget, and memory that runs out all the same."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.adapters.nemo.memory import MOMENT, Budget
from quoth.adapters.pytorch.errors import is_out_of_memory, is_poisoned
from quoth.domain.errors import EngineOutOfMemory

durations = st.lists(st.floats(0, 40), max_size=60)


def budget(seconds: float = 60.0, most: int = 16) -> Budget:
    return Budget(seconds, most, lambda: None)


@given(durations, st.floats(1, 500), st.integers(1, 64))
def test_each_window_is_in_one_batch_and_each_batch_within_the_budget(
    lengths: list[float], seconds: float, most: int
) -> None:
    batches = list(budget(seconds, most).batches(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        padded = len(batch) * max(lengths[index] for index in batch)
        assert len(batch) == 1 or (padded <= seconds + 1e-6 and len(batch) <= most)


@given(durations)
def test_windows_of_like_length_go_together_longest_first(lengths: list[float]) -> None:
    order = [lengths[index] for batch in budget().batches(lengths) for index in batch]
    assert order == sorted(lengths, reverse=True)


class SmallMemory:
    """Holds so many items at once, as a GPU does, and remembers what was asked of it."""

    def __init__(self, room: int, error: type[Exception] = RuntimeError) -> None:
        self.room = room
        self.error = error
        self.asked: list[int] = []

    def work(self, items: Sequence[int]) -> list[int]:
        self.asked.append(len(items))
        if len(items) > self.room:
            raise self.error("CUDA out of memory. Tried to allocate 2.00 GiB\nand more")
        return [item * 10 for item in items]


@given(st.integers(1, 40), st.integers(1, 40))
def test_what_does_not_fit_is_done_by_halves_in_order(count: int, room: int) -> None:
    memory = SmallMemory(room)
    items = list(range(count))
    assert budget().run(memory.work, items, 30.0) == [item * 10 for item in items]


def test_after_memory_ran_out_later_batches_are_smaller_from_the_start() -> None:
    given_back: list[bool] = []
    memory, seconds = SmallMemory(3), Budget(480.0, 16, lambda: given_back.append(True))
    for batch in seconds.batches([30.0] * 40):
        seconds.run(memory.work, batch, 30.0)
    assert memory.asked[:3] == [16, 8, 4]
    assert memory.asked.count(16) == 1
    assert max(memory.asked[-5:]) <= 3
    assert seconds.seconds <= 3 * 30.0
    assert given_back


def test_one_window_that_does_not_fit_is_an_error_that_says_how_long_it_was() -> None:
    with pytest.raises(EngineOutOfMemory, match=r"30 s of audio.*Tried to allocate 2\.00 GiB\)"):
        budget().run(SmallMemory(0).work, [1, 2, 3], 30.0)


def test_memory_of_the_machine_counts_as_well() -> None:
    with pytest.raises(EngineOutOfMemory):
        budget().run(SmallMemory(0, MemoryError).work, [1], 30.0)


def test_other_errors_are_not_tried_again() -> None:
    asked = []

    def broken(items: Sequence[int]) -> list[int]:
        asked.append(len(items))
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        budget().run(broken, [1, 2, 3, 4], 30.0)
    assert asked == [4]


def test_a_moment_costs_as_much_as_the_shortest_the_network_hears() -> None:
    assert [len(batch) for batch in budget(4 * MOMENT).batches([0.0] * 8)] == [4, 4]


class AcceleratorError(RuntimeError):
    """As torch raises it for errors of the device."""


@pytest.mark.parametrize(
    "error",
    [
        AcceleratorError("an illegal memory access was encountered"),
        RuntimeError("CUDA error: device-side assert triggered"),
        RuntimeError("CUDA error: unspecified launch failure"),
        RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    ],
)
def test_errors_that_a_gpu_keeps_are_told_from_those_it_forgets(error: RuntimeError) -> None:
    assert is_poisoned(error)
    assert not is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA out of memory. Tried to allocate 20 MiB"),
        AcceleratorError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        MemoryError(),
    ],
)
def test_lack_of_memory_leaves_the_gpu_usable(error: BaseException) -> None:
    assert is_out_of_memory(error)
    assert not is_poisoned(error)


@pytest.mark.parametrize("error", [RuntimeError("shapes do not match"), ValueError("CUDA error")])
def test_a_plain_error_is_neither(error: Exception) -> None:
    assert not is_out_of_memory(error)
    assert not is_poisoned(error)
