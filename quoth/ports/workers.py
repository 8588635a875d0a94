"""The processes that share a database and a store, and what each can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.transcriber import EngineInfo


class WorkerState(StrEnum):
    """Where a process is in its life."""

    SERVING = "serving"
    DRAINING = "draining"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that takes part.

    Args:
        id: of this life of it.
        host: the machine or container it runs on.
        models: what it recognises with, the configured one first; none where it has no engine.
        diarizer: what tells speakers apart there.
        state: where it is in its life.
    """

    id: str
    host: str
    models: tuple[EngineInfo, ...] = ()
    diarizer: DiarizerInfo | None = None
    state: WorkerState = WorkerState.SERVING


class WorkerStore(Protocol):
    """The list of processes. Times are those of the database: machines' clocks differ."""

    def announce(self, worker: Worker) -> None:
        """Put a process on the list, heard of now."""

    def beat(self, worker_id: str, state: WorkerState) -> float | None:
        """Note that a process lives.

        Returns:
            Seconds since it was heard of before; None if it was declared dead, or never announced.
        """

    def serving(self, seconds: float) -> Sequence[Worker]:
        """Return the processes that take jobs and were heard of in the last seconds."""

    def ids(self) -> set[str]:
        """Return all that are on the list, the dead included."""

    def bury(self, seconds: float) -> Sequence[str]:
        """Declare dead who was not heard of for so long; from then on they take no job.

        Returns:
            The ids of the dead whose work is the caller's to hand on; each is given to one caller,
            and after so many seconds to another if it is still on the list.
        """

    def remove(self, worker_id: str) -> None:
        """Take a process off the list, when its work is handed on."""
