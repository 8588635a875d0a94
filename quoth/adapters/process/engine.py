"""The inference process from outside: started when needed, ended when idle, killed when it must be.

A blocked native call can be ended no other way than by ending its process, and memory on a GPU
comes back no other way. Calls are plain values (paths, offsets, options), so those that were not
at fault when the process had to be killed are simply made again.
"""

import itertools
import queue
import threading
import time
from collections.abc import Callable

from quoth.adapters.process.host import Builder
from quoth.adapters.process.life import TICK_SECONDS, Life, Patience, Pending
from quoth.adapters.process.messages import Advanced, Call, Died, Failed, Returned
from quoth.adapters.process.wire import pack
from quoth.domain.errors import EngineDied
from quoth.domain.gpus import GpuMemory
from quoth.ports.progress import Progress, unobserved

CANCEL_GRACE_SECONDS = 0.7
"""How long a cancelled call may take to notice before its process is killed."""
CLOSED = "the service is shutting down"


class InferenceProcess:
    """Calls components that live in a child process.

    Args:
        build: makes a component in the child; picklable.
        patience: how long a process is put up with that is idle, hangs or does not stop.
    """

    def __init__(self, build: Builder, patience: Patience | None = None) -> None:
        content = pack(build)
        self._start: Callable[[], Life] = lambda: Life(content, patience or Patience())
        self._is_closed = False
        self._life: Life | None = None
        self._lock = threading.Lock()
        self._ids = itertools.count()

    @property
    def pid(self) -> int | None:
        """The process id while the process is there."""
        with self._lock:
            return self._life.pid if self._life and not self._life.is_over else None

    @property
    def gpu_memory(self) -> GpuMemory | None:
        """Memory of a GPU the process held a second ago; None where it uses none, or is gone."""
        with self._lock:
            return self._life.gpu_memory if self._life and not self._life.is_over else None

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
        **keywords: object,
    ) -> object:
        """Call a method of a component and wait for what it returns.

        With `progress`, the method gets one as its last argument by position; what it says arrives
        here at least every tenth of a second, and when it raises here the call is ended within a
        second.

        Raises:
            Cancelled: if `progress` raised it.
            EngineDied: if the process died or hung, or was closed.
        """
        reports = progress is not None
        call = Call(next(self._ids), component, method, arguments, reports, keywords)
        pending = Pending(call.id, pack(call))
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

    def _engage(self, pending: Pending) -> Life:
        """Hand the call to the living process, starting one if there is none."""
        with self._lock:
            while self._life is None or not self._life.send(pending):
                if self._is_closed:
                    raise EngineDied(CLOSED)
                self._life = self._start()
            return self._life

    def _wait(self, life: Life, pending: Pending, progress: Progress) -> Returned | Failed | Died:
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

    def _stop(self, life: Life, pending: Pending) -> None:
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
