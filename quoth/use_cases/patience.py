"""Waiting for a database or a store that is away: work that is done is not thrown away for that."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.store_errors import StoreUnavailable

_T = TypeVar("_T")

PAUSE_SECONDS = 0.5

log = logging.getLogger(__name__)


def patiently(
    ask: Callable[[], _T],
    check: Callable[[], None] = lambda: None,
    pause: Callable[[float], None] = time.sleep,
) -> _T:
    """Ask until the database, or the store, answers.

    Args:
        ask: asks once; may raise `DatabaseUnavailable` or `StoreUnavailable`.
        check: called before each further try; what it raises ends the waiting.
        pause: waits so many seconds.
    """
    is_told = False
    while True:
        try:
            return ask()
        except (DatabaseUnavailable, StoreUnavailable) as error:
            if not is_told:
                log.warning("%s It is waited for.", error)
            is_told = True
        pause(PAUSE_SECONDS)
        check()
