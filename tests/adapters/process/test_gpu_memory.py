"""What the inference process says of the memory it holds on a GPU."""

from collections.abc import Iterator

from quoth.adapters.process.gpu_memory import GpuWatch
from quoth.domain.gpus import GpuMemory


def test_where_no_gpu_is_used_nothing_is_said() -> None:
    assert GpuWatch([lambda: None, lambda: None]).look() is None


def test_the_most_so_far_is_remembered_and_the_larger_count_believed() -> None:
    torch: Iterator[GpuMemory | None] = iter([None, GpuMemory(5, 9), GpuMemory(2, 9)])
    driver: Iterator[GpuMemory | None] = iter([None, GpuMemory(7, 7), GpuMemory(3, 3)])
    watch = GpuWatch([lambda: next(torch), lambda: next(driver)])
    assert [watch.look() for _ in range(3)] == [None, GpuMemory(7, 9), GpuMemory(3, 9)]


def test_on_this_machine_looking_breaks_nothing() -> None:
    found = GpuWatch().look()
    assert found is None or found.peak_bytes >= found.reserved_bytes > 0
