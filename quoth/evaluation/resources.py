"""What work costs on this machine: processor time and memory of this process and its children."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event, Thread
from time import perf_counter
from types import TracebackType
from typing import Self

import psutil

_INTERVAL = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """What something cost.

    Args:
        wall_seconds: by the clock.
        cpu_seconds: user and system, of this process and all below it, ended ones included.
        peak_rss_bytes: the most memory that all these processes held at one time; a page two of
            them share counts twice.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_rss_bytes: int


class CostMeter:
    """Measures what happens inside `with`; then `cost` says what it took.

    Processor time is what the operating system has counted. Memory is looked at every 50 ms, so
    a peak shorter than that can be missed.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._stop = Event()
        self._sampler = Thread(target=self._sample, name="cost-meter", daemon=True)
        self._peak = 0
        self._wall = 0.0
        self._cpu = 0.0
        self.cost = Cost(0.0, 0.0, 0)

    def __enter__(self) -> Self:
        self._peak = self._rss()
        self._wall, self._cpu = perf_counter(), self._cpu_seconds()
        self._sampler.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        wall, cpu = perf_counter() - self._wall, self._cpu_seconds() - self._cpu
        self._stop.set()
        self._sampler.join()
        self.cost = Cost(wall, max(0.0, cpu), max(self._peak, self._rss()))

    def _sample(self) -> None:
        while not self._stop.wait(_INTERVAL):
            self._peak = max(self._peak, self._rss())

    def _family(self) -> Iterator[psutil.Process]:
        yield self._process
        yield from self._process.children(recursive=True)

    def _rss(self) -> int:
        total = 0
        for process in self._family():
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
        return total

    def _cpu_seconds(self) -> float:
        """Return the time of all processes alive and, through their parents, of those ended."""
        total = 0.0
        for process in self._family():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system + times.children_user + times.children_system
        return total
