"""The durable queues of one process: of jobs, and of what tells of their endings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from quoth.adapters.dbos.fleet import Fleet
from quoth.adapters.dbos.queue import DbosJobQueue, RunAttempt
from quoth.adapters.dbos.webhooks import DbosWebhookQueue, Deliver
from quoth.adapters.sql.schema import sqlite_url
from quoth.bootstrap.fleet import Role
from quoth.config import Settings
from quoth.domain.fairness import LANES
from quoth.domain.jobs import Job
from quoth.ports.jobs import JobQueue
from quoth.ports.webhooks import WebhookQueue
from quoth.ports.workers import Worker

LOCAL = "local"
"""Who takes jobs from tables that only this folder's servers have. A server takes up after a
restart what it left under its own name, so that has to stay the same."""


class RunningQueue(JobQueue, Protocol):
    """A queue with a beginning and an end."""

    def start(self) -> None:
        """Take up what a predecessor left, and begin to take jobs."""

    def pause(self) -> None:
        """Begin nothing more; what is under way goes on."""

    def stop(self) -> None:
        """Record no failure from now on."""

    def close(self) -> None:
        """End for good, in a process that goes on."""

    def move(self, job: Job) -> None:
        """Let an attempt that waits wait in the queue of its route instead of another."""

    def take_over(self, executor: str) -> int:
        """Queue again what a process had begun that is dead; return how much that was."""

    def holders(self) -> set[str]:
        """Return the processes that something under way belongs to."""


@dataclass(frozen=True, slots=True)
class Queues:
    """What does jobs, and what tells of their endings."""

    jobs: RunningQueue
    webhooks: WebhookQueue


MakeQueues: TypeAlias = Callable[[RunAttempt, Deliver], Queues]
"""Makes the queues of what does an attempt, and what tries once to tell of an ending."""


def durable_queues(
    settings: Settings, role: Role, me: Worker, run: RunAttempt, deliver: Deliver
) -> Queues:
    """Return queues on DBOS, with tables of this folder or of a database that many share.

    Args:
        settings: of the installation.
        role: what the process does.
        me: what it says of itself to others.
        run: does an attempt.
        deliver: tries once to tell of an ending.
    """
    webhooks = DbosWebhookQueue(deliver)
    is_shared = settings.database_url is not None
    jobs = DbosJobQueue(
        settings.database_url or sqlite_url(settings.quoth_data / "queue.sqlite"),
        run,
        dict.fromkeys(LANES, settings.job_concurrency),
        webhooks,
        executor=me.id if is_shared else LOCAL,
        fleet=_fleet(role, me) if is_shared else None,
    )
    return Queues(jobs, webhooks)


def _fleet(role: Role, me: Worker) -> Fleet:
    lanes = () if role is Role.API else LANES
    models = [info.model for info in me.models]
    # What signs webhooks is beside the keys of the API.
    return Fleet(lanes, models, delivers=role is not Role.WORKER)
