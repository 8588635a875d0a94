"""How commands end: an exit status for each kind of trouble, and one sentence about it."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType

from pydantic import ValidationError

from quoth.config import origin
from quoth.domain.errors import (
    Cancelled,
    InputError,
    InvalidParameter,
    QuothError,
    UnknownModel,
    UnusableConfiguration,
)

SECRETS = frozenset({"database_url", "redis_url", "webhook_secret"})
"""Settings whose values are never shown, not even where they are wrong."""


class ExitStatus(IntEnum):
    """What a command ends with."""

    OK = 0
    BAD_FILE = 1
    """At least one recording could not be read."""
    USAGE = 2
    """Options or settings that cannot be."""
    MACHINE = 3
    """This machine could not do it: an engine, a tool or the disk failed."""
    CANCELLED = 130
    """Ctrl-C."""


def status_of(error: QuothError) -> ExitStatus:
    """Return the exit status for an error."""
    if isinstance(error, Cancelled):
        return ExitStatus.CANCELLED
    if isinstance(error, InvalidParameter | UnknownModel | UnusableConfiguration):
        return ExitStatus.USAGE
    return ExitStatus.BAD_FILE if isinstance(error, InputError) else ExitStatus.MACHINE


def complain(message: str) -> None:
    """Say what went wrong, on standard error."""
    sys.stderr.write(f"quoth: {message}\n")


@contextmanager
def explained() -> Iterator[None]:
    """End the command with one sentence and a status instead of a traceback."""
    try:
        yield
    except QuothError as error:
        complain(str(error))
        sys.exit(status_of(error))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        value = "secret" if name in SECRETS else repr(first["input"])
        told = f"{first['msg']} (it is {value}, {origin(name)})"
        complain(f"the setting {name.upper()} is not valid: {told}.")
        sys.exit(ExitStatus.USAGE)


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C or SIGTERM sets; a second one ends the program at once."""
    stopped = threading.Event()
    previous = {}

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        previous[number] = signal.signal(number, stop)
    try:
        yield stopped
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
