"""Watching a folder for recordings that have arrived whole."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import watchfiles

from quoth.cli.recordings import recordings_in

SETTLED_SECONDS = 3.0
"""How long a file must not have changed to count as whole."""
_LOOK_EVERY_MS = 1000

_State: TypeAlias = tuple[int, int]
"""Size and time of the last change, by which one sees that a file is another than before."""


def watch(
    folder: Path,
    stopped: threading.Event,
    *,
    polls: bool = False,
    settled_seconds: float = SETTLED_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Path]:
    """Yield each recording in a folder and below, and each that arrives, once it is whole.

    A recording comes again only when it has changed: so one that failed is not tried for ever.

    Args:
        folder: to watch.
        stopped: ends it.
        polls: look at all files every second instead of waiting for the system's word, which
            network folders do not give.
        settled_seconds: how long a file must not have changed.
        clock: monotonic seconds.
    """
    given: dict[Path, _State] = {}
    growing: dict[Path, tuple[_State, float]] = {}
    changes = watchfiles.watch(
        folder,
        stop_event=stopped,
        force_polling=polls or None,
        rust_timeout=_LOOK_EVERY_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    )
    while True:
        for path in recordings_in(folder):
            state = _state(path)
            if state is None or given.get(path) == state:
                continue
            seen, since = growing.get(path, (None, 0.0))
            if seen != state:
                growing[path] = (state, clock())
            elif clock() - since >= settled_seconds:
                given[path] = state
                del growing[path]
                yield path
            if stopped.is_set():
                return
        if next(changes, None) is None:
            return


def _state(path: Path) -> _State | None:
    """Return the state of a file, None while it is empty or has gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if found.st_size else None
