"""The `WebhookQueue` on DBOS: each try is a workflow of its own, the next is queued with a delay.

A workflow that slept between two tries would hold a thread and a place in its queue for a day; one
that is delayed is a row. The tries of one ending are `RUN.webhook`, `RUN.webhook.2`, ...
"""

import contextvars
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from quoth.domain.jobs import Job
from quoth.ports.webhooks import Delivery, Outcome

log = logging.getLogger(__name__)

LANE = "webhooks"
CONCURRENCY = 8
"""Tries at once; each is over in seconds, whatever the receiver does."""
LOOK_SECONDS = 1.0
WAITS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 10800.0, 21600.0, 43200.0)
"""Seconds before each further try: about four times longer each time, 23 hours in all."""
MOST_RECOVERIES = 20

Deliver: TypeAlias = Callable[[str, int], Delivery]
"""Tries once to tell of an ending: id of the job, number of the attempt."""


class DbosWebhookQueue:
    """Sends webhooks as durable workflows.

    To be made before DBOS is launched. What it leaves in the tables is ids of jobs and what
    receivers answered; URL and message are read from the job at each try.

    Args:
        deliver: tries once.
        waits: seconds before each further try.
    """

    def __init__(self, deliver: Deliver, waits: Sequence[float] = WAITS) -> None:
        self._deliver = deliver
        self._waits = tuple(waits)
        self._settle: Callable[[], None] = _nothing

        @DBOS.workflow(name="quoth.webhook", max_recovery_attempts=MOST_RECOVERIES)
        def webhook(job_id: str, attempt: int, number: int) -> str:
            tried = DBOS.run_step({"name": "send"}, lambda: self._try(job_id, attempt))
            if tried["outcome"] == Outcome.FAILED.value and number <= len(self._waits):
                self._enqueue(job_id, attempt, number + 1)
            return str(tried["outcome"])

        self._workflow = webhook

    def start(self, settle: Callable[[], None]) -> None:
        """Begin to send, after DBOS was launched.

        Args:
            settle: waits until what was queued is on the disk.
        """
        self._settle = settle
        DBOS.register_queue(
            LANE,
            worker_concurrency=CONCURRENCY,
            polling_interval_sec=LOOK_SECONDS,
            on_conflict="always_update",
        )

    def tell(self, job: Job) -> None:
        """Queue the webhook of an attempt that ended; again is no harm.

        The attempt's own workflow may be what calls: the webhook is no step in its books.
        """
        contextvars.Context().run(self._enqueue, job.id, job.attempt, 1)
        self._settle()  # nobody else knows of it from now on

    def tries_of(self, run: str) -> list[str]:
        """Return the ids of all workflows there may be for an attempt."""
        return [_workflow_id(run, number) for number in range(1, len(self._waits) + 2)]

    def _enqueue(self, job_id: str, attempt: int, number: int) -> None:
        delay = self._waits[number - 2] if number > 1 else None
        with (
            SetWorkflowID(_workflow_id(f"{job_id}.{attempt}", number)),
            SetEnqueueOptions(delay_seconds=delay),
        ):
            DBOS.enqueue_workflow(LANE, self._workflow, job_id, attempt, number)

    def _try(self, job_id: str, attempt: int) -> Mapping[str, str]:
        """Try once; a bug or a database that is away costs a try and not the webhook."""
        try:
            found = self._deliver(job_id, attempt)
        except Exception as error:
            log.exception("webhook of job %s.%s", job_id, attempt)
            found = Delivery(Outcome.FAILED, type(error).__name__)
        return {"outcome": found.outcome.value, "detail": found.detail}


def _nothing() -> None:
    """Wait for nothing."""


def _workflow_id(run: str, number: int) -> str:
    return f"{run}.webhook" if number == 1 else f"{run}.webhook.{number}"
