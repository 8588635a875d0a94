"""Which job kills the inference process: it is tried once more, alone among those under suspicion.

Jobs share the process, so that one that kills it takes others with it. A job whose work died is
under suspicion and tried again; suspects are tried one at a time. What dies while another suspect
is tried is not to blame, what dies as the suspect that is tried is the culprit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import TypeVar

from quoth.domain.errors import EngineDied

_T = TypeVar("_T")

MOST_ACCIDENTS = 5
"""Deaths of others that a job is tried again after."""


class Suspicion:
    """Tries work again that died, and finds out whose fault it was."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._tried: str | None = None
        self._entries = 0

    def run(self, job_id: str, work: Callable[[], _T], check: Callable[[], None]) -> _T:
        """Do work; if it dies, do it once more as a suspect.

        Args:
            job_id: whose work it is; its branches are tried together.
            work: may raise `EngineDied`.
            check: called while it waits for its turn; may raise `Cancelled`.

        Raises:
            EngineDied: if it died by its own fault.
        """
        for _ in range(MOST_ACCIDENTS):
            try:
                return work()
            except EngineDied:
                if self._is_tried_other_than(job_id):
                    continue
            with self._turn(job_id, check):
                return work()
        return work()

    def _is_tried_other_than(self, job_id: str) -> bool:
        with self._changed:
            return self._tried not in (None, job_id)

    @contextmanager
    def _turn(self, job_id: str, check: Callable[[], None]) -> Iterator[None]:
        with self._changed:
            while self._tried not in (None, job_id):
                self._changed.wait(timeout=0.25)
                check()
            self._tried = job_id
            self._entries += 1
        try:
            yield
        finally:
            with self._changed:
                self._entries -= 1
                if not self._entries:
                    self._tried = None
                    self._changed.notify_all()
