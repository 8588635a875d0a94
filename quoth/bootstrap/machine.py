"""What this machine offers, and how its cores are shared out."""

import os
from dataclasses import dataclass
from pathlib import Path

from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable

CORES_FOR_PARALLEL = 2
"""Cores from which working on words and speakers side by side is faster; docs/adr/0008."""
MOST_WORKERS = 4
"""Workers beyond this have no batch to work on and take memory."""


@dataclass(frozen=True, slots=True)
class Cores:
    """How the cores are used.

    Args:
        is_parallel: whether words and speakers are worked on side by side.
        transcription_workers: batches of windows recognised at once.
        transcription_threads: threads for each of them.
        diarization: threads of the diarizer.
    """

    is_parallel: bool
    transcription_workers: int
    transcription_threads: int
    diarization: int


def share_cores(settings: Settings, available: int) -> Cores:
    """Decide between side by side and one after the other, and share the cores out.

    Side by side, both branches together have more threads than there are cores: when the
    diarizer is done, nothing is left idle. Workers with a thread each beat one with several.
    """
    cores = settings.threads or available
    wanted = settings.parallel_diarization
    is_parallel = cores >= CORES_FOR_PARALLEL if wanted == "auto" else wanted == "on"
    workers = min(cores, MOST_WORKERS)
    return Cores(
        is_parallel=is_parallel,
        transcription_workers=workers,
        transcription_threads=cores // workers,
        diarization=max(1, cores // 2) if is_parallel else cores,
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
