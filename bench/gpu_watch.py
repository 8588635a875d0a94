"""What work costs: time, memory of this machine and of a GPU, and how busy that was."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from quoth.evaluation.resources import CostMeter

INTERVAL = 0.02
"""Seconds between two looks; NVML itself tells the mean of the last sixth to whole second."""


@dataclass(frozen=True, slots=True)
class Card:
    """A GPU as torch and as its driver see it; None where either is not there.

    Args:
        torch: the module, if it computes on the GPU.
        device: `cuda`, `cuda:1` or `cpu`.
        nvml: the module `pynvml`, initialised.
        handle: of the GPU in it.
    """

    torch: Any = None
    device: str = "cpu"
    nvml: Any = None
    handle: Any = None

    @classmethod
    def find(cls, torch: Any, device: str) -> Self:
        """Look for it."""
        if not device.startswith("cuda"):
            return cls()
        try:
            import pynvml  # noqa: PLC0415 - may be missing

            pynvml.nvmlInit()
            number = torch.cuda.get_device_properties(torch.device(device)).uuid
            handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{number}".encode())
        except (ImportError, AttributeError):
            return cls(torch, device)
        except pynvml.NVMLError:
            return cls(torch, device)
        return cls(torch, device, pynvml, handle)

    def used_bytes(self) -> int:
        """Return the memory of the GPU that is in use, by whomever."""
        return int(self.nvml.nvmlDeviceGetMemoryInfo(self.handle).used)

    def busy_percent(self) -> int:
        """Return the share of time in which the GPU did something, lately."""
        return int(self.nvml.nvmlDeviceGetUtilizationRates(self.handle).gpu)

    def wait(self) -> None:
        """Wait until the GPU has done what it was told."""
        if self.torch is not None:
            self.torch.cuda.synchronize(self.device)


@dataclass(slots=True)
class Watch(AbstractContextManager["Watch"]):
    """Looks at work done inside `with`; `costs` then says what it took."""

    card: Card
    _meter: CostMeter = field(default_factory=CostMeter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _used: list[int] = field(default_factory=list)
    _busy: list[int] = field(default_factory=list)
    _sampler: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self.card.torch is not None:
            self.card.torch.cuda.reset_peak_memory_stats(self.card.device)
        if self.card.nvml is not None:
            self._sampler = threading.Thread(target=self._sample, name="watch", daemon=True)
            self._sampler.start()
        self._meter.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.card.wait()
        self._meter.__exit__(kind, error, trace)
        self._stop.set()
        if self._sampler is not None:
            self._sampler.join()

    @property
    def wall(self) -> float:
        """Seconds it took."""
        return self._meter.cost.wall_seconds

    def costs(self) -> dict[str, float | None]:
        """Return what it took; None for what cannot be known here."""
        cost, torch = self._meter.cost, self.card.torch
        reserved = torch.cuda.max_memory_reserved(self.card.device) if torch else None
        allocated = torch.cuda.max_memory_allocated(self.card.device) if torch else None
        return {
            "cpu_s": round(cost.cpu_seconds, 2),
            "peak_rss_mb": _megabytes(cost.peak_rss_bytes),
            "peak_vram_reserved_mb": _megabytes(reserved),
            "peak_vram_allocated_mb": _megabytes(allocated),
            "peak_vram_nvml_mb": _megabytes(max(self._used, default=None)),
            "gpu_busy_percent": round(sum(self._busy) / len(self._busy), 1) if self._busy else None,
        }

    def _sample(self) -> None:
        while not self._stop.wait(INTERVAL):
            with suppress(self.card.nvml.NVMLError):  # a slice of a card tells less than a card
                self._used.append(self.card.used_bytes())
                self._busy.append(self.card.busy_percent())


class Passes:
    """What goes through a NeMo model, seen at the entrance of its preprocessor."""

    def __init__(self) -> None:
        self._seen: list[tuple[int, int, Any]] = []

    @contextmanager
    def of(self, model: Any) -> Iterator[None]:
        """Look on inside `with`; at nothing where the model is None."""
        if model is None:
            yield
            return
        hook = model.preprocessor.register_forward_pre_hook(self._look, with_kwargs=True)
        try:
            yield
        finally:
            hook.remove()

    def read(self) -> list[tuple[int, int, list[int]]]:
        """Return rows, samples of each row with padding, and samples of each window."""
        return [(rows, samples, lengths.tolist()) for rows, samples, lengths in self._seen]

    def _look(self, _network: Any, _inputs: Any, named: Any) -> None:
        rows, samples = named["input_signal"].shape
        self._seen.append((rows, samples, named["length"]))


def _megabytes(size: int | None) -> float | None:
    return None if size is None else round(size / 1e6, 1)
