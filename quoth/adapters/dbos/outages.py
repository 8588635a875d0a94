"""How DBOS gets over a database that is away: by trying again, at most two seconds apart.

By itself it waits up to a minute between two tries, so that work stood still for as long again as
the database was away.
"""

import time
from typing import Any

from dbos import _sys_db

LONGEST_PAUSE_SECONDS = 2.0
IDLE_TRANSACTION_SECONDS = 10.0
"""After so long without a word in the middle of a transaction Postgres ends it: a process that is
frozen there must not hold up whoever takes its jobs over."""
CONNECTION = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""How libpq finds out that a machine is gone that said nothing."""


class _ShortPauses:
    """The module `time` with shorter pauses."""

    def __init__(self, longest_seconds: float) -> None:
        self._longest = longest_seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        """Pause, not too long."""
        time.sleep(min(seconds, self._longest))


def pause_shortly(longest_seconds: float = LONGEST_PAUSE_SECONDS) -> None:
    """Let DBOS try again soon.

    How long it waits at most is an argument of its decorator `db_retry`, with no setting for it.
    """
    _sys_db.__dict__["time"] = _ShortPauses(longest_seconds)
