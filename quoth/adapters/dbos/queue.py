"""The `JobQueue` on DBOS: each attempt is a workflow, each step is checkpointed.

DBOS keeps one global instance in a process, so there is one of these at a time.
"""

import contextvars
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TypeAlias

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from quoth.adapters.dbos.fleet import LOOK_SECONDS, Fleet, holders, queue_of, take_over
from quoth.adapters.dbos.outages import IDLE_TRANSACTION_SECONDS, pause_shortly
from quoth.adapters.dbos.pace import HURRIED_SECONDS, Pace
from quoth.adapters.dbos.plain_json import PlainJson, refuse_pickles
from quoth.adapters.dbos.tables import prepare, settle
from quoth.adapters.dbos.webhooks import LANE as WEBHOOKS
from quoth.adapters.dbos.webhooks import DbosWebhookQueue
from quoth.domain.job_errors import JobLost
from quoth.domain.jobs import Job
from quoth.ports.jobs import StepResult, Steps, Work

JOB_SCHEMA = "quoth-jobs-1"
"""Version of what a workflow is: its steps, their order and results. Jobs of one version are
finished by every Quoth of that version; DBOS's own is a hash of the code, and an update of Quoth
would leave its predecessor's jobs behind."""
MOST_RECOVERIES = 20
"""How often a job is taken up again after its whole server ended, in whatever way; then it fails:
it may be what the server dies of. DBOS has such a limit, too, and leaves the job's row as it is."""

UNDER_WAY = frozenset({"ENQUEUED", "DELAYED", "PENDING"})


RunAttempt: TypeAlias = Callable[[str, int, Steps], None]
"""Brings an attempt at a job to its end: id of the job, number of the attempt, its steps."""


class DbosJobQueue:
    """Runs jobs as durable workflows.

    Args:
        url: of DBOS's tables, `sqlite:///path` or `postgresql://...`.
        run: does an attempt.
        concurrency: by lane, how many attempts run here at once.
        webhooks: sends webhooks with the same tables.
        executor: name of this process among those that share the tables.
        recoveries: how often an attempt is taken up again after its whole server ended.
        fleet: what this process does among others; None if it is alone with the tables.
    """

    def __init__(
        self,
        url: str,
        run: RunAttempt,
        concurrency: Mapping[str, int],
        webhooks: DbosWebhookQueue,
        *,
        executor: str = "local",
        recoveries: int = MOST_RECOVERIES,
        fleet: Fleet | None = None,
    ) -> None:
        self._stopping = Event()
        options = prepare(url)
        refuse_pickles()
        pause_shortly()
        self._dbos = DBOS(
            config={
                "name": "quoth",
                "system_database_url": url,
                "application_version": JOB_SCHEMA,
                "executor_id": executor,
                "serializer": PlainJson(),
                "log_level": "WARNING",
                "db_engine_kwargs": options,
                "sys_db_idle_transaction_timeout_sec": IDLE_TRANSACTION_SECONDS,
            }
        )

        @DBOS.workflow(name="quoth.transcribe", max_recovery_attempts=None)
        def transcribe(job_id: str, attempt: int) -> None:
            self._hurry(self._lanes.get(job_id))
            times = _times_taken_up(f"{job_id}.{attempt}")
            has_chances = times <= recoveries + 1
            steps = _CheckpointedSteps(self._stopping) if has_chances else _NoSteps(times)
            try:
                run(job_id, attempt, steps)
            finally:
                self._hurry(self._lanes.pop(job_id, None))

        self._workflow = transcribe
        self._webhooks = webhooks
        self._settle = partial(settle, url)
        self._lanes: dict[str, str] = {}
        """Where the jobs are that were queued by this process."""
        self._concurrency = concurrency
        self._fleet = fleet
        self._pace = Pace(tuple(concurrency)) if fleet is None else None
        self._registered: set[str] = set()

    def start(self) -> None:
        """Take up what a predecessor left, and begin to take jobs."""
        fleet = self._fleet
        if fleet is not None:
            DBOS.listen_queues([*fleet.queues, *([WEBHOOKS] if fleet.delivers else [])])
        DBOS.launch()
        for queue in self._concurrency if fleet is None else fleet.queues:
            self._register(queue)
        self._webhooks.start(self._settle)
        self._hurry()

    def _hurry(self, lane: str | None = None) -> None:
        if self._pace is not None:
            self._pace.hurry(lane)

    def _register(self, queue: str) -> None:
        """See that a queue is there; whoever takes from it says how many at once."""
        is_mine = self._fleet is None or queue in self._fleet.queues
        DBOS.register_queue(
            queue,
            worker_concurrency=self._concurrency[queue.partition("/")[0]],
            polling_interval_sec=HURRIED_SECONDS if self._fleet is None else LOOK_SECONDS,
            on_conflict="always_update" if is_mine else "never_update",
        )
        self._registered.add(queue)

    def enqueue(self, job: Job) -> None:
        """Queue an attempt; again is no harm."""
        self._lanes[job.id] = job.queue
        self._hurry(job.queue)
        queue = queue_of(job.queue, job.route)
        if queue not in self._registered:
            self._register(queue)
        with SetWorkflowID(job.run), SetEnqueueOptions(priority=job.priority):
            DBOS.enqueue_workflow(queue, self._workflow, job.id, job.attempt)

    def move(self, job: Job) -> None:
        """Let an attempt that waits wait in the queue of its route instead of another."""
        queue = queue_of(job.queue, job.route)
        if queue not in self._registered:
            self._register(queue)
        status = DBOS.get_workflow_status(job.run)
        if status is None:
            self.enqueue(job)
        elif status.status == "ENQUEUED" and status.queue_name != queue:
            DBOS.resume_workflow(job.run, queue_name=queue)

    def take_over(self, executor: str) -> int:
        """Queue again what a process had begun that is dead; return how much that was."""
        return take_over(executor)

    def holders(self) -> set[str]:
        """Return the processes that something under way belongs to."""
        return holders()

    def pause(self) -> None:
        """Begin nothing more; what is under way goes on.

        DBOS has no word for that: to end it is to end what is under way, too.
        """
        for event in self._dbos.background_thread_stop_events:
            event.set()

    def is_over(self, job: Job) -> bool:
        """Whether an attempt was queued and came to an end, whatever it was."""
        status = DBOS.get_workflow_status(job.run)
        return status is not None and status.status not in UNDER_WAY

    def cancel(self, job: Job) -> None:
        """Take no further step of an attempt."""
        self._lanes.pop(job.id, None)
        DBOS.cancel_workflow(job.run)

    def forget(self, job: Job) -> None:
        """Remove every trace of all attempts, and of what was told of them."""
        runs = [f"{job.id}.{attempt}" for attempt in range(1, job.attempt + 1)]
        tries = [each for run in runs for each in self._webhooks.tries_of(run)]
        DBOS.delete_workflows([*runs, *tries])

    def stop(self) -> None:
        """Record no failure from now on: what fails, fails because the process ends.

        Steps that fail are held up until the process is gone, and done again by the next.
        """
        self._stopping.set()

    def close(self) -> None:
        """End for good, in a process that goes on."""
        if self._pace is not None:
            self._pace.stop()
        DBOS.destroy(destroy_registry=True)


def _times_taken_up(run: str) -> int:
    """Return how often an attempt was begun, now included.

    Its own workflow is what asks: the question is no step in its books.
    """
    found = contextvars.Context().run(
        DBOS.list_workflows, workflow_ids=[run], load_input=False, load_output=False
    )
    return (found[0].recovery_attempts or 0) if found else 0


class _NoSteps:
    """Does nothing for a job any more that the server may have died of."""

    def __init__(self, times: int) -> None:
        self._times = times

    def step(self, name: str, work: Work) -> StepResult:  # noqa: ARG002 - the protocol's signature
        """Refuse."""
        raise JobLost(self._times - 1)

    def both(
        self,
        first: tuple[str, Work],
        second: tuple[str, Work],
    ) -> tuple[StepResult, StepResult]:
        """Refuse."""
        return self.step(*first), self.step(*second)


class _CheckpointedSteps:
    """Steps of the workflow that runs in this context."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping

    def step(self, name: str, work: Work) -> StepResult:
        """Do a step, or return what it returned when it was done."""
        return DBOS.run_step({"name": name}, self._held_up(work))

    def both(
        self, first: tuple[str, Work], second: tuple[str, Work]
    ) -> tuple[StepResult, StepResult]:
        """Do two steps, one in a thread; their order in the books is always the same."""
        here, there = self._branch(*first), self._branch(*second)
        with ThreadPoolExecutor(1, thread_name_prefix="branch") as threads:
            other = threads.submit(there)
            one = here()
        return one, other.result()

    def _branch(self, name: str, work: Work) -> Work:
        """Return a step with its place in the books, to be done in any thread."""
        place, context = DBOS.reserve_step(), contextvars.copy_context()

        def do() -> StepResult:
            return place.run({"name": name}, self._held_up(work))

        return lambda: context.run(do)

    def _held_up(self, work: Work) -> Work:
        def do() -> StepResult:
            try:
                result = work()
            except BaseException:
                self._hold_if_stopping()
                raise
            if "problem" in result:
                self._hold_if_stopping()
            return result

        return do

    def _hold_if_stopping(self) -> None:
        if self._stopping.is_set():
            Event().wait()
