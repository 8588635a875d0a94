"""What this machine offers, and how its cores are shared out."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable
from quoth.domain.gpus import Gpu

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
    """Return the device to compute on: the one asked for, else a GPU if the engine can use one.

    Raises:
        EngineUnavailable: if the one asked for is not there; the message lists what is.
    """
    present = ["cpu", *GPUS[engine]()]
    if asked is None:
        return "cuda" if len(present) > 1 else "cpu"
    if asked == "cuda" and len(present) > 1:
        return asked
    if asked not in present:
        raise EngineUnavailable(
            engine,
            f"ASR_PROVIDER={asked} is nothing it can compute on here",
            f"Leave it unset, or set one of: {', '.join(present)}.",
        )
    return asked


def _ctranslate2_gpus() -> list[str]:
    """Return the GPUs CTranslate2 can use, without loading it where no driver is."""
    if not _DRIVER.exists():
        return []
    import ctranslate2  # noqa: PLC0415 - a heavy library, only where there is a driver

    return [f"cuda:{index}" for index in range(int(ctranslate2.get_cuda_device_count()))]


def _sherpa_gpus() -> list[str]:
    """Return the first GPU where sherpa-onnx was built for CUDA; it cannot be told another.

    Asked for CUDA, a build without it computes on the processor and says so in its log alone.
    """
    found = find_spec("sherpa_onnx")
    folders = list(found.submodule_search_locations or []) if found else []
    is_built_for_cuda = any((Path(folder) / "lib" / _CUDA_PROVIDER).exists() for folder in folders)
    return ["cuda"] if is_built_for_cuda and _DRIVER.exists() else []


def _nvidia_gpus() -> list[str]:
    """Return the GPUs the driver knows; whether torch can use them is seen when it is loaded."""
    return [f"cuda:{index}" for index in range(len(describe_gpus()))]


def _onnxruntime_gpus() -> list[str]:
    """Return the GPUs ONNX Runtime can use: those of the driver, where it is built for CUDA."""
    found = find_spec("onnxruntime")
    folders = list(found.submodule_search_locations or []) if found else []
    is_built_for_cuda = any((Path(each) / "capi" / _CUDA_PROVIDER).exists() for each in folders)
    return _nvidia_gpus() if is_built_for_cuda else []


def describe_gpus() -> Sequence[Gpu]:
    """Return the NVIDIA cards that CUDA may see, as it counts them; nothing without a driver."""
    import pynvml  # noqa: PLC0415 - rarely needed

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        return [_describe(handle) for handle in _handles(os.environ.get("CUDA_VISIBLE_DEVICES"))]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()


def _handles(visible: str | None) -> list[Any]:
    import pynvml  # noqa: PLC0415

    if visible is None:
        return [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
    handles = []
    for name in filter(None, map(str.strip, visible.split(","))):
        if name.startswith("-"):
            break  # CUDA sees nothing from here on
        by_index = name.isdigit()
        handles.append(
            pynvml.nvmlDeviceGetHandleByIndex(int(name))
            if by_index
            else pynvml.nvmlDeviceGetHandleByUUID(name)
        )
    return handles


def _describe(handle: Any) -> Gpu:
    import pynvml  # noqa: PLC0415

    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    driver = _text(pynvml.nvmlSystemGetDriverVersion())
    return Gpu(_text(pynvml.nvmlDeviceGetName(handle)), memory.total, memory.free, driver)


def gpu_of(device: str) -> Gpu | None:
    """Return the card that a device means (`cuda`, `cuda:1`); None for the processor."""
    kind, _, index = device.partition(":")
    cards = describe_gpus() if kind == "cuda" else []
    number = int(index or 0)
    return cards[number] if number < len(cards) else None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


_DRIVER = Path("/dev/nvidiactl")
_CUDA_PROVIDER = "libonnxruntime_providers_cuda.so"
GPUS: dict[str, Callable[[], list[str]]] = {
    "whisper": _ctranslate2_gpus,
    "sherpa": _sherpa_gpus,
    "nemo": _nvidia_gpus,
    "onnx": _onnxruntime_gpus,
}
"""By engine: the GPUs it can use, as `ASR_PROVIDER` names them."""
