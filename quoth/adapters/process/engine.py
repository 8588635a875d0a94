"""The inference process from outside: started when needed, ended when idle, killed when it must be.

A blocked native call can be ended no other way than by ending its process, and memory on a GPU
comes back no other way. Calls are plain values (paths, offsets, options), so those that were not
at fault when the process had to be killed are simply made again.
"""

import itertools
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler

from quoth.adapters.process.host import Builder
from quoth.adapters.process.messages import Advanced, Call, Cancel, Died, Failed, Returned
from quoth.domain.errors import EngineDied
from quoth.ports.progress import Progress, unobserved

TICK_SECONDS = 0.1
CANCEL_GRACE_SECONDS = 0.7
"""How long a cancelled call may take to notice before its process is killed."""
PATIENCE_SECONDS = 10.0
"""How long it may go on where killing the process would cost others their work."""
CLOSED = "the service is shutting down"

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Pending:
    """A call under way, and what came back for it so far."""

    id: int
    content: bytes
    answers: queue.SimpleQueue[object] = field(default_factory=queue.SimpleQueue)
    fraction: float = 0.0


class _Life:
    """One life of the inference process, from start to death."""

    def __init__(self, build: bytes, hang_seconds: float, idle_seconds: float) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "quoth.adapters.process.host", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={"MALLOC_ARENA_MAX": "2"} | os.environ,  # a tenth less memory, no slower
                start_new_session=True,  # Ctrl-C in a terminal is for the service to handle
            )
        self._connection = Connection(ours.detach())
        self._hang_seconds = hang_seconds
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._pending: dict[int, _Pending] = {}
        self._abandoned: dict[int, float] = {}
        self._idle_since = time.monotonic()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._verdict: Died | None = None
        self.is_over = False
        self._outbox.put(build)
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, pending: _Pending) -> bool:
        """Take on a call; False if this life is over."""
        with self._lock:
            if self.is_over:
                return False
            self._pending[pending.id] = pending
        self._outbox.put(pending.content)
        return True

    def cancel(self, pending: _Pending) -> None:
        self._outbox.put(_pickled(Cancel(pending.id)))

    def forget(self, pending: _Pending) -> None:
        with self._lock:
            self._pending.pop(pending.id, None)
            self._idle_since = time.monotonic()

    def abandon(self, pending: _Pending) -> None:
        """Wait no longer for a call that was asked to stop; its process ends if it must."""
        with self._lock:
            self._abandoned[pending.id] = time.monotonic() + PATIENCE_SECONDS
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
        self._process.wait()

    def _write(self) -> None:
        """Send from a thread of its own: a process that hangs must not block its callers."""
        while (message := self._outbox.get()) is not None:
            try:
                self._connection.send_bytes(message)
            except OSError:
                return

    def _read(self) -> None:
        heard = time.monotonic()
        while True:
            try:
                if self._connection.poll(TICK_SECONDS):
                    self._deliver(self._connection.recv())
                    heard = time.monotonic()
            except (EOFError, OSError):
                break
            except Exception:
                log.exception("an answer of the inference process could not be read")
                self.kill("it sent an answer that could not be read")
                break
            if time.monotonic() - heard > self._hang_seconds:
                self.kill(f"it did not respond for {self._hang_seconds:g} s")
            elif self._is_idle():
                self.kill(None)
            self._end_if_only_abandoned()
        self._bury()

    def _deliver(self, message: object) -> None:
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
            return is_free and time.monotonic() - self._idle_since > self._idle_seconds

    def _bury(self) -> None:
        status = self._process.wait()
        with self._lock:
            self.is_over = True
            orphans = list(self._pending.values())
        for pending in orphans:
            pending.answers.put(self._verdict or Died(_describe(status)))
        self._outbox.put(None)
        self._connection.close()


def _pickled(message: object) -> bytes:
    return bytes(ForkingPickler.dumps(message))


def _describe(status: int) -> str:
    if status == -signal.SIGKILL:
        return "killed with SIGKILL, as the system does when memory runs out"
    if status < 0:
        return f"killed with {signal.Signals(-status).name}"
    return f"it ended with status {status}"


class InferenceProcess:
    """Calls components that live in a child process.

    Args:
        build: makes a component in the child; picklable.
        idle_unload_seconds: end the process when nothing was asked of it for so long.
        hang_seconds: kill the process when it has not shown a sign of life for so long.
    """

    def __init__(
        self, build: Builder, idle_unload_seconds: float = 300.0, hang_seconds: float = 30.0
    ) -> None:
        content = _pickled(build)
        self._start: Callable[[], _Life] = lambda: _Life(content, hang_seconds, idle_unload_seconds)
        self._is_closed = False
        self._life: _Life | None = None
        self._lock = threading.Lock()
        self._ids = itertools.count()

    @property
    def pid(self) -> int | None:
        """The process id while the process is there."""
        with self._lock:
            return self._life.pid if self._life and not self._life.is_over else None

    def close(self) -> None:
        """End the process for good; calls under way fail, and so do later ones."""
        with self._lock:
            self._is_closed = True
            life, self._life = self._life, None
        if life is not None:
            life.kill(CLOSED)
            life.wait()

    def call(
        self,
        component: str,
        method: str,
        *arguments: object,
        progress: Progress | None = None,
    ) -> object:
        """Call a method of a component and wait for what it returns.

        With `progress`, the method gets one as its last argument; what it says arrives here at
        least every tenth of a second, and when it raises here the call is ended within a second.

        Raises:
            Cancelled: if `progress` raised it.
            EngineDied: if the process died or hung, or was closed.
        """
        call = Call(next(self._ids), component, method, arguments, progress is not None)
        pending = _Pending(call.id, _pickled(call))
        while True:
            life = self._engage(pending)
            try:
                answer = self._wait(life, pending, progress or unobserved)
            finally:
                life.forget(pending)
            if isinstance(answer, Returned):
                return answer.value
            if isinstance(answer, Failed):
                raise answer.error
            if answer.cause is not None:
                raise EngineDied(answer.cause)

    def _engage(self, pending: _Pending) -> _Life:
        """Hand the call to the living process, starting one if there is none."""
        with self._lock:
            while self._life is None or not self._life.send(pending):
                if self._is_closed:
                    raise EngineDied(CLOSED)
                self._life = self._start()
            return self._life

    def _wait(self, life: _Life, pending: _Pending, progress: Progress) -> Returned | Failed | Died:
        while True:
            try:
                answer = pending.answers.get(timeout=TICK_SECONDS)
            except queue.Empty:
                answer = None
            if isinstance(answer, Returned | Failed | Died):
                return answer
            if isinstance(answer, Advanced):
                pending.fraction = max(pending.fraction, answer.fraction)
            try:
                progress(pending.fraction)
            except BaseException:
                self._stop(life, pending)
                raise

    def _stop(self, life: _Life, pending: _Pending) -> None:
        """Ask a call to stop, and give it up if it does not."""
        life.cancel(pending)
        deadline = time.monotonic() + CANCEL_GRACE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                if isinstance(pending.answers.get(timeout=left), Returned | Failed | Died):
                    return
            except queue.Empty:
                break
        life.abandon(pending)
