"""One life of the inference process, from its start to its death."""

import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from math import inf
from multiprocessing.connection import Connection

from quoth.adapters.process.messages import (
    START_AFRESH,
    Advanced,
    Alive,
    Cancel,
    Died,
    Failed,
    Returned,
)
from quoth.adapters.process.wire import Frames, pack, receive, send
from quoth.domain.gpus import GpuMemory

TICK_SECONDS = 0.1
_DEFAULTS = {
    "MALLOC_ARENA_MAX": "2",  # a tenth less memory, no slower
    "MALLOC_MMAP_THRESHOLD_": "8000000",  # evidence is given back when it is done with
    "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",  # before torch loads, wherever it does
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",  # cuda:1 is the card that the driver counts as 1
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a process is put up with.

    Args:
        idle_unload_seconds: without work.
        hang_seconds: without a sign of life.
        abandoned_seconds: while it works on a call that was cancelled and others need it, too.
    """

    idle_unload_seconds: float = 300.0
    hang_seconds: float = 30.0
    abandoned_seconds: float = 10.0


@dataclass(eq=False, slots=True)
class Pending:
    """A call under way, and what came back for it so far."""

    id: int
    content: Frames
    answers: queue.SimpleQueue[object] = field(default_factory=queue.SimpleQueue)
    fraction: float = 0.0


class Life:
    """One life of the inference process, from start to death."""

    def __init__(self, build: Frames, patience: Patience) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "quoth.adapters.process.host", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=_DEFAULTS | os.environ,
                start_new_session=True,  # Ctrl-C in a terminal is for the service to handle
            )
        self._connection = Connection(ours.detach())
        self._patience = patience
        self._lock = threading.Lock()
        self._pending: dict[int, Pending] = {}
        self._abandoned: dict[int, float] = {}
        self._idle_since = time.monotonic()
        self._outbox: queue.SimpleQueue[Frames | None] = queue.SimpleQueue()
        self._verdict: Died | None = None
        self.is_over = False
        self.gpu_memory: GpuMemory | None = None
        self._outbox.put(build)
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, pending: Pending) -> bool:
        """Take on a call; False if this life is over."""
        with self._lock:
            if self.is_over:
                return False
            self._pending[pending.id] = pending
        self._outbox.put(pending.content)
        return True

    def cancel(self, pending: Pending) -> None:
        """Ask a call to stop."""
        self._outbox.put(pack(Cancel(pending.id)))

    def forget(self, pending: Pending) -> None:
        """Note that nobody waits for a call any more."""
        with self._lock:
            self._pending.pop(pending.id, None)
            self._idle_since = time.monotonic()

    def abandon(self, pending: Pending) -> None:
        """Wait no longer for a call that was asked to stop; its process ends if it must."""
        with self._lock:
            self._abandoned[pending.id] = time.monotonic() + self._patience.abandoned_seconds
        self.forget(pending)
        self._end_if_only_abandoned()

    def _end_if_only_abandoned(self) -> None:
        """Kill the process when nobody else uses it, or one that was given up is still at work."""
        with self._lock:
            is_overdue = min(self._abandoned.values(), default=inf) < time.monotonic()
            is_useless = bool(self._abandoned) and not self._pending
        if is_overdue or is_useless:
            self.kill(None)

    def kill(self, cause: str | None) -> None:
        """End the process now; None as cause means that calls under way should be made again."""
        with self._lock:
            if self.is_over:
                return
            self.is_over = True
            self._verdict = Died(cause)
        self._process.kill()

    def wait(self) -> None:
        """Wait until the process is gone."""
        self._process.wait()

    def _write(self) -> None:
        """Send from a thread of its own: a process that hangs must not block its callers."""
        while (message := self._outbox.get()) is not None:
            try:
                send(self._connection, message)
            except OSError:
                return

    def _read(self) -> None:
        heard = time.monotonic()
        while True:
            try:
                if self._connection.poll(TICK_SECONDS):
                    self._deliver(receive(self._connection))
                    heard = time.monotonic()
            except (EOFError, OSError):
                break
            except Exception:
                log.exception("an answer of the inference process could not be read")
                self.kill("it sent an answer that could not be read")
                break
            if time.monotonic() - heard > self._patience.hang_seconds:
                self.kill(f"it did not respond for {self._patience.hang_seconds:g} s")
            elif self._is_idle():
                self.kill(None)
            self._end_if_only_abandoned()
        self._bury()

    def _deliver(self, message: object) -> None:
        if isinstance(message, Alive):
            self.gpu_memory = message.gpu_memory
        if isinstance(message, Advanced | Returned | Failed):
            with self._lock:
                pending = self._pending.get(message.id)
                if not isinstance(message, Advanced):
                    self._abandoned.pop(message.id, None)
            if pending is not None:
                pending.answers.put(message)

    def _is_idle(self) -> bool:
        with self._lock:
            is_free = not self._pending and not self._abandoned
            return (
                is_free and time.monotonic() - self._idle_since > self._patience.idle_unload_seconds
            )

    def _bury(self) -> None:
        status = self._process.wait()
        with self._lock:
            self.is_over = True
            orphans = list(self._pending.values())
        for pending in orphans:
            pending.answers.put(self._verdict or _died(status))
        self._outbox.put(None)
        self._connection.close()


def _died(status: int) -> Died:
    return Died(None if status == START_AFRESH else _describe(status))


def _describe(status: int) -> str:
    if status == -signal.SIGKILL:
        return "killed with SIGKILL, as the system does when memory runs out"
    if status < 0:
        return f"killed with {signal.Signals(-status).name}"
    return f"it ended with status {status}"
