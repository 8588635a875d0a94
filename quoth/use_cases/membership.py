"""A process among others: it says that it lives, notices that it does not, and buries the dead.

What beats is not a thread that knows nothing: before each beat it looks whether the jobs here come
further. A process that is frozen, or starved, or blocked by a native call that holds on to the
interpreter, does not beat at all; one in which a job stands still stops by itself.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Protocol

from quoth.domain.job_errors import DatabaseUnavailable
from quoth.ports.workers import Worker, WorkerState, WorkerStore
from quoth.use_cases.job_runs import JobRuns

log = logging.getLogger(__name__)

LONGEST_BEAT_SECONDS = 1.0
"""Between two looks at the rows of the jobs here, too: one that was cancelled elsewhere stops."""
LAST_LOOK_SECONDS = 0.3
BEATS = 5
"""In the time after which a silent process is dead: several may be late or lost."""


class Heritage(Protocol):
    """A queue in which the dead leave something."""

    def take_over(self, executor: str) -> int:
        """Queue again what a process had begun; return how much that was."""

    def holders(self) -> set[str]:
        """Return the processes that something under way belongs to."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When a process is given up.

    Args:
        takeover: seconds without a beat, after which others take its jobs.
        stall: seconds in which a job comes no further, after which its process gives itself up.
    """

    takeover: float
    stall: float


class Membership:
    """One process's part in it.

    Args:
        me: this process.
        workers: the list of all.
        runs: the attempts under way here.
        heritage: what the dead leave.
        deadlines: when a process is given up.
        end: ends this process at once, with the reason; what it had begun goes to others.
        clock: seconds, of any beginning.
    """

    def __init__(  # noqa: PLR0917 - each is another thing
        self,
        me: Worker,
        workers: WorkerStore,
        runs: JobRuns,
        heritage: Heritage,
        deadlines: Deadlines,
        end: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.me = me
        self._workers, self._runs, self._heritage = workers, runs, heritage
        self._deadlines, self._end, self._clock = deadlines, end, clock
        self._is_part = False
        self.beaten: Callable[[], object] = lambda: None
        """Called after each beat of a process that is well, whether the database heard it or no."""
        self.others_changed: Callable[[], object] = lambda: None
        """Called when models can be had that could not, or cannot any more."""
        self._served: frozenset[str] | None = None
        self._state = WorkerState.SERVING
        self._well_since: float | None = None
        self._swept = 0.0
        self._strangers: set[str] = set()
        """Who holds something and is on no list: it took that after it was declared dead."""
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="membership", daemon=True)
        self.every = min(LONGEST_BEAT_SECONDS, deadlines.takeover / BEATS)

    def join(self) -> None:
        """Be on the list, which has to be before anything is taken, and begin to beat.

        Raises:
            DatabaseUnavailable: if the list cannot be reached.
        """
        self._workers.announce(self.me)
        self._thread.start()

    def begin(self) -> None:
        """Take part from now on: the queue that the dead leave something in is there."""
        self._is_part = True

    def drain(self) -> None:
        """Say that this process takes no more; its heart goes on beating."""
        self._state = WorkerState.DRAINING
        self._quietly(lambda: self._workers.beat(self.me.id, self._state))

    def leave(self) -> None:
        """Leave, and hand on what is not done; nothing that is recorded here counts any more."""
        self._stopping.set()
        self._quietly(self._hand_on_own)

    def beat(self) -> None:
        """Beat once, and do what is due."""
        try:
            silence = self._workers.beat(self.me.id, self._state)
            if silence is None:
                self._end("it was not heard of for too long and declared dead")
                return
            if silence > self._deadlines.takeover / 2:
                self._well_since = None  # who was frozen judges nobody yet
            self._runs.drop_lost()
            if stalled := self._runs.stalled(self._deadlines.stall):
                jobs = ", ".join(job.id for job in stalled)
                self._quietly(self._hand_on_own)
                self._end(f"no step of job {jobs} came further for {self._deadlines.stall:g} s")
                return
            if self._is_part:
                self._bury_the_dead()
                self._look_at_others()
            self.beaten()
        except DatabaseUnavailable:
            self._well_since = None
            self.beaten()  # that nobody hears it is no fault of this process: it is to live on

    def _look_at_others(self) -> None:
        serving = self._workers.serving(self._deadlines.takeover)
        served = frozenset(info.model for worker in serving for info in worker.models)
        if served != self._served:
            self.others_changed()
            self._served = served

    def _bury_the_dead(self) -> None:
        """Take over from whoever is silent, once all who live had time to be heard.

        After the database was away everybody's last beat is long ago.
        """
        now = self._clock()
        if self._well_since is None:
            self._well_since = now
        if now - self._well_since < self._deadlines.takeover:
            return
        for worker_id in self._workers.bury(self._deadlines.takeover):
            self._inherit(worker_id)
            self._workers.remove(worker_id)
        if now - self._swept >= self._deadlines.takeover:
            self._swept = now
            strangers = self._heritage.holders() - self._workers.ids()
            for worker_id in strangers & self._strangers:
                self._inherit(worker_id)
            self._strangers = strangers

    def _inherit(self, worker_id: str) -> None:
        count = self._heritage.take_over(worker_id)
        log.warning("%s is dead; %d workflows of it are taken over", worker_id, count)

    def _hand_on_own(self) -> None:
        self._workers.remove(self.me.id)  # from now on it takes nothing
        self._heritage.take_over(self.me.id)
        time.sleep(LAST_LOOK_SECONDS)  # it may just have looked for more
        self._heritage.take_over(self.me.id)

    def _quietly(self, do: Callable[[], object]) -> None:
        try:
            do()
        except DatabaseUnavailable as error:  # then others find out by the silence
            log.warning("%s", error)

    def _run(self) -> None:
        while not self._stopping.wait(self.every):
            try:
                self.beat()
            except Exception:  # whatever it is: silence says it to the others
                self._well_since = None
                log.exception("a heartbeat failed")
