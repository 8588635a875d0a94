"""Waiting for a database that is away: work that is done is not thrown away for want of a row."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from quoth.domain.job_errors import DatabaseUnavailable

_T = TypeVar("_T")

PAUSE_SECONDS = 0.5

log = logging.getLogger(__name__)


def patiently(
    ask: Callable[[], _T],
    check: Callable[[], None] = lambda: None,
    pause: Callable[[float], None] = time.sleep,
) -> _T:
    """Ask until the database answers.

    Args:
        ask: asks once; may raise `DatabaseUnavailable`.
        check: called before each further try; what it raises ends the waiting.
        pause: waits so many seconds.
    """
    is_told = False
    while True:
        try:
            return ask()
        except DatabaseUnavailable as error:
            if not is_told:
                log.warning("%s It is waited for.", error)
            is_told = True
        pause(PAUSE_SECONDS)
        check()
