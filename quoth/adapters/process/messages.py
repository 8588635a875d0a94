"""What the service and the inference process say to one another. Both ends are ours."""

from collections.abc import Mapping
from dataclasses import dataclass

from quoth.domain.gpus import GpuMemory

START_AFRESH = 75
"""Status the inference process ends with when it can never compute again; the call at fault has
been answered, and the others are made again in a fresh process."""


@dataclass(frozen=True, slots=True)
class Call:
    """Do this: a method of a component, named as the builder knows it.

    With `reports`, the method's last argument by position is a `Progress`, added at the other end.
    """

    id: int
    component: str
    method: str
    arguments: tuple[object, ...]
    reports: bool
    keywords: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop that call at its next progress report."""

    id: int


@dataclass(frozen=True, slots=True)
class Advanced:
    """A call has done this fraction of its work."""

    id: int
    fraction: float


@dataclass(frozen=True, slots=True)
class Returned:
    """A call ended with this value."""

    id: int
    value: object


@dataclass(frozen=True, slots=True)
class Failed:
    """A call ended with this error."""

    id: int
    error: Exception


@dataclass(frozen=True, slots=True)
class Alive:
    """Sent every second, so that a process that hangs can be told from one that works."""

    gpu_memory: GpuMemory | None = None


@dataclass(frozen=True, slots=True)
class Died:
    """Made by the reader at the service's end when the process is gone.

    `cause` is None when it was ended on purpose for another call's sake: then ask again.
    """

    cause: str | None
