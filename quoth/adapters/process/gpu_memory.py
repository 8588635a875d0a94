"""How much memory of a GPU this process holds; nothing is loaded to find out."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from quoth.domain.gpus import GpuMemory

_DRIVER = Path("/dev/nvidiactl")

Source: TypeAlias = Callable[[], GpuMemory | None]
"""Gives what it knows of this process's memory on GPUs; None for nothing."""


def of_torch() -> GpuMemory | None:
    """Return what torch has reserved, if it is loaded and computes on a GPU."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    is_initialized = getattr(cuda, "is_initialized", None)  # absent while torch is being imported
    if cuda is None or is_initialized is None or not is_initialized():
        return None
    devices = range(cuda.device_count())
    return GpuMemory(
        sum(cuda.memory_reserved(device) for device in devices),
        sum(cuda.max_memory_reserved(device) for device in devices),
    )


def of_driver() -> GpuMemory | None:
    """Return what the driver counts for this process, whatever library asked for it.

    In a container the driver may know it by another id, and counts nothing.
    """
    if not _DRIVER.exists():
        return None
    import pynvml  # noqa: PLC0415 - only where there is a driver

    try:
        pynvml.nvmlInit()
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        held = sum(
            process.usedGpuMemory or 0
            for handle in handles
            for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
            if process.pid == os.getpid()
        )
    except pynvml.NVMLError:
        return None
    return GpuMemory(held, held) if held else None


SOURCES: Sequence[Source] = (of_torch, of_driver)


class GpuWatch:
    """Asks all sources and remembers the most that was held.

    Torch knows its own peak to the byte; the driver also counts what others and CUDA itself hold,
    but only at the moments it is asked.
    """

    def __init__(self, sources: Sequence[Source] = SOURCES) -> None:
        self._sources = sources
        self._peak = 0

    def look(self) -> GpuMemory | None:
        """Return what is held now and the most so far; None where no GPU is used."""
        found = [memory for source in self._sources if (memory := source()) is not None]
        if not found:
            return None
        self._peak = max(self._peak, *(memory.peak_bytes for memory in found))
        return GpuMemory(max(memory.reserved_bytes for memory in found), self._peak)
