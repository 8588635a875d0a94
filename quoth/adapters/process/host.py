"""The inference process from inside: `python -m quoth.adapters.process.host FD`.

It reads a builder and then calls from its socket, runs each call in a thread of its own, and ends
when the socket does, so that it never outlives the service.
"""

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeAlias

from quoth.adapters.process.gpu_memory import GpuWatch
from quoth.adapters.process.messages import (
    START_AFRESH,
    Advanced,
    Alive,
    Call,
    Cancel,
    Failed,
    Returned,
)
from quoth.adapters.process.wire import pack, receive, send
from quoth.domain.errors import Cancelled, EngineFailed, EngineLost, QuothError

Builder: TypeAlias = Callable[[str], object]
"""Makes the component of a name (`diarizer`, `transcriber:NAME`); picklable."""

HEARTBEAT_SECONDS = 1.0
REPORT_EVERY_SECONDS = 0.05
WAIT_SECONDS = 0.1

log = logging.getLogger(__name__)


class Component:
    """One built component; calls to it run one at a time, but for methods it says need no turn."""

    def __init__(self, instance: object) -> None:
        self.instance = instance
        self._free: frozenset[str] = getattr(instance, "needs_no_turn", frozenset())
        self._turn = threading.Lock()

    def call(self, call: Call, progress: Callable[[float], None]) -> object:
        """Run a call when it is its turn; `progress` is told 0 while it waits."""
        arguments = (*call.arguments, progress) if call.reports else call.arguments
        method = getattr(self.instance, call.method)
        if call.method in self._free:
            return method(*arguments, **call.keywords)
        while not self._turn.acquire(timeout=WAIT_SECONDS):
            progress(0.0)
        try:
            return method(*arguments, **call.keywords)
        finally:
            self._turn.release()


class Host:
    """Serves calls that arrive on a connection."""

    def __init__(self, connection: Connection, build: Builder) -> None:
        self._connection = connection
        self._build = build
        self._sending = threading.Lock()
        self._building = threading.Lock()
        self._components: dict[str, Component] = {}
        self._cancels: dict[int, threading.Event] = {}

    def serve(self) -> None:
        """Read calls until the other end is gone."""
        threading.Thread(target=self._beat, daemon=True).start()
        while True:
            try:
                message = receive(self._connection)
            except (EOFError, OSError):
                return
            if isinstance(message, Call):
                self._cancels[message.id] = threading.Event()
                threading.Thread(target=self._run, args=(message,), daemon=True).start()
            elif isinstance(message, Cancel) and (asked := self._cancels.get(message.id)):
                asked.set()

    def _beat(self) -> None:
        watch = GpuWatch()
        while True:
            self._send(Alive(watch.look()))
            time.sleep(HEARTBEAT_SECONDS)

    def _send(self, message: object) -> None:
        content = pack(message)
        with self._sending, contextlib.suppress(OSError):  # the service is gone: so are we, soon
            send(self._connection, content)

    def _run(self, call: Call) -> None:
        try:
            value = self._component(call.component).call(call, self._progress(call.id))
            self._send(Returned(call.id, value))
        except EngineLost as error:
            self._send(Failed(call.id, error))
            os._exit(START_AFRESH)  # whatever else needs the GPU here would fail, too
        except QuothError as error:
            self._send(Failed(call.id, error))
        except BaseException as error:  # a thread that ends without an answer is waited for
            log.exception("%s.%s failed", call.component, call.method)
            detail = f"{type(error).__name__}: {error}"
            self._send(Failed(call.id, EngineFailed(call.component, detail)))
        finally:
            self._cancels.pop(call.id, None)

    def _component(self, name: str) -> Component:
        with self._building:
            if name not in self._components:
                self._components[name] = Component(self._build(name))
            return self._components[name]

    def _progress(self, call_id: int) -> Callable[[float], None]:
        cancelled = self._cancels[call_id]
        told = (-1.0, 0.0)

        def progress(fraction: float) -> None:
            nonlocal told
            if cancelled.is_set():
                raise Cancelled
            now = time.monotonic()
            if fraction > told[0] and now - told[1] >= REPORT_EVERY_SECONDS:
                told = (fraction, now)
                self._send(Advanced(call_id, fraction))

        return progress


def main(descriptor: int) -> None:
    """Serve the socket with this descriptor; the first message is the builder."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    with Connection(descriptor) as connection:
        Host(connection, receive(connection)).serve()
    # Threads may sit in native calls that nothing can interrupt: leave without waiting for them.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
