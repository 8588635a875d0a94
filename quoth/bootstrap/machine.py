"""What this machine offers, and how its cores are shared out."""

import os
from dataclasses import dataclass
from pathlib import Path

from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable

CORES_FOR_PARALLEL = 2
"""Cores from which working on words and speakers side by side is faster; docs/adr/0008."""


@dataclass(frozen=True, slots=True)
class Cores:
    """How the cores are used: threads for each branch, and whether the branches run together."""

    is_parallel: bool
    transcription: int
    diarization: int


def share_cores(settings: Settings, available: int) -> Cores:
    """Decide between side by side and one after the other."""
    cores = settings.threads or available
    is_parallel = {
        "on": True,
        "off": False,
        "auto": cores >= CORES_FOR_PARALLEL,
    }[settings.parallel_diarization]
    if not is_parallel:
        return Cores(is_parallel=False, transcription=cores, diarization=cores)
    transcription = max(1, (cores + 1) // 2)
    return Cores(
        is_parallel=True, transcription=transcription, diarization=max(1, cores - transcription)
    )


def count_cores() -> int:
    """Return the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose_device(asked: str | None, engine: str) -> str:
    """Return the device to compute on: the one asked for, else a GPU if one is usable.

    Raises:
        EngineUnavailable: if the one asked for is not there; the message lists what is.
    """
    present = ["cpu", *(f"cuda:{index}" for index in range(_count_gpus()))]
    if asked is None:
        return "cuda" if len(present) > 1 else "cpu"
    if asked == "cuda" and len(present) > 1:
        return asked
    if asked not in present:
        raise EngineUnavailable(
            engine,
            f"ASR_PROVIDER={asked} is not on this machine",
            f"Leave it unset, or set one of: {', '.join(present)}.",
        )
    return asked


def _count_gpus() -> int:
    """Count the GPUs CTranslate2 can use, without loading it where no driver is."""
    if not Path("/dev/nvidiactl").exists():
        return 0
    import ctranslate2  # noqa: PLC0415 - a heavy library, only where there is a driver

    return int(ctranslate2.get_cuda_device_count())
