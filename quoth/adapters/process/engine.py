"""The inference process from outside: started when needed, ended when idle, killed when it must be.

A blocked native call can be ended no other way than by ending its process, and memory on a GPU
comes back no other way. Calls are plain values (paths, offsets, options), so those that were not
at fault when the process had to be killed are simply made again.
"""

import itertools
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from quoth.adapters.process.host import Builder
from quoth.adapters.process.messages import Advanced, Call, Cancel, Died, Failed, Returned
from quoth.domain.errors import Cancelled, EngineDied
from quoth.ports.progress import Progress, unobserved

TICK_SECONDS = 0.1
CANCEL_GRACE_SECONDS = 0.7
"""How long a cancelled call may take to notice before its process is killed."""


@dataclass(eq=False, slots=True)
class _Pending:
    """A call under way, and what came back for it so far."""

    call: Call
    answers: queue.SimpleQueue[object] = field(default_factory=queue.SimpleQueue)


class _Life:
    """One life of the inference process, from start to death."""

    def __init__(self, build: Builder, hang_seconds: float, idle_seconds: float) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "quoth.adapters.process.host", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for the service to handle
            )
        self._connection = Connection(ours.detach())
        self._hang_seconds = hang_seconds
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._pending: dict[int, _Pending] = {}
        self._idle_since = time.monotonic()
        self._outbox: queue.SimpleQueue[object] = queue.SimpleQueue()
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
            self._pending[pending.call.id] = pending
        self._outbox.put(pending.call)
        return True

    def cancel(self, call_id: int) -> None:
        self._outbox.put(Cancel(call_id))

    def forget(self, pending: _Pending) -> None:
        with self._lock:
            self._pending.pop(pending.call.id, None)
            self._idle_since = time.monotonic()

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
                self._connection.send(message)
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
            if time.monotonic() - heard > self._hang_seconds:
                self.kill(f"it did not respond for {self._hang_seconds:g} s")
            elif self._is_idle():
                self.kill(None)
        self._bury()

    def _deliver(self, message: object) -> None:
        if isinstance(message, Advanced | Returned | Failed):
            with self._lock:
                pending = self._pending.get(message.id)
            if pending is not None:
                pending.answers.put(message)

    def _is_idle(self) -> bool:
        with self._lock:
            return not self._pending and time.monotonic() - self._idle_since > self._idle_seconds

    def _bury(self) -> None:
        status = self._process.wait()
        with self._lock:
            self.is_over = True
            orphans = list(self._pending.values())
        for pending in orphans:
            pending.answers.put(self._verdict or Died(_describe(status)))
        self._outbox.put(None)
        self._connection.close()


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
        self._start: Callable[[], _Life] = lambda: _Life(build, hang_seconds, idle_unload_seconds)
        self._life: _Life | None = None
        self._lock = threading.Lock()
        self._ids = itertools.count()

    @property
    def pid(self) -> int | None:
        """The process id while the process is there."""
        with self._lock:
            return self._life.pid if self._life and not self._life.is_over else None

    def close(self) -> None:
        """End the process; calls under way fail."""
        with self._lock:
            life, self._life = self._life, None
        if life is not None:
            life.kill("the service is shutting down")
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
            EngineDied: if the process died or hung.
        """
        call = Call(next(self._ids), component, method, arguments, progress is not None)
        pending = _Pending(call)
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
                self._life = self._start()
            return self._life

    def _wait(self, life: _Life, pending: _Pending, progress: Progress) -> Returned | Failed | Died:
        fraction = 0.0
        while True:
            try:
                answer = pending.answers.get(timeout=TICK_SECONDS)
            except queue.Empty:
                answer = None
            if isinstance(answer, Returned | Failed | Died):
                return answer
            if isinstance(answer, Advanced):
                fraction = max(fraction, answer.fraction)
            try:
                progress(fraction)
            except Cancelled:
                self._stop(life, pending)
                raise

    def _stop(self, life: _Life, pending: _Pending) -> None:
        """Ask a call to stop, and kill its process if it does not."""
        life.cancel(pending.call.id)
        deadline = time.monotonic() + CANCEL_GRACE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                if isinstance(pending.answers.get(timeout=left), Returned | Failed | Died):
                    return
            except queue.Empty:
                break
        life.kill(None)
