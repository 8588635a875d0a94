"""A process among others on one Postgres: what it is there, and how it comes and goes."""

import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn
from uuid import uuid4

from sqlalchemy import Engine

from quoth.adapters.sql.notices import JobNotices
from quoth.adapters.sql.watch import DatabaseWatch
from quoth.adapters.sql.workers import SqlWorkerStore
from quoth.config import Settings
from quoth.domain.jobs import JobStatus
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.jobs import JobStore
from quoth.ports.transcriber import EngineInfo
from quoth.ports.workers import Worker
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRuns
from quoth.use_cases.membership import Deadlines, Heritage, Membership

GIVEN_UP = 70
"""Status of a process that was declared dead, or that gave itself up; to be started again."""

log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a process does."""

    SERVER = "server"
    """Answers requests and does jobs."""
    API = "api"
    """Answers requests; others do the jobs."""
    WORKER = "worker"
    """Does jobs and answers nobody."""


@dataclass(frozen=True, slots=True)
class Skills:
    """What a process can do.

    Args:
        models: what it recognises with, the configured one first.
        diarizer: what tells speakers apart.
    """

    models: tuple[EngineInfo, ...] = ()
    diarizer: DiarizerInfo | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """What a process has that is not alone.

    Args:
        membership: its heart.
        watch: notices that Postgres is silent.
        notices: hears what others did; None where nobody asks.
    """

    membership: Membership
    watch: DatabaseWatch
    notices: JobNotices | None

    def join(self) -> None:
        """Be known, before anything is taken.

        To start a queue may take longer than one may be silent: the heart beats meanwhile.
        """
        self.watch.start()
        self.membership.join()

    def start(self) -> None:
        """Live among others."""
        self.membership.begin()
        if self.notices is not None:
            self.notices.start()

    def leave(self) -> None:
        """Hand on what is not done."""
        if self.notices is not None:
            self.notices.stop()
        self.membership.leave()
        self.watch.stop()


def keep_company(  # noqa: PLR0917 - each is another thing
    settings: Settings,
    engine: Engine,
    me: Worker,
    runs: JobRuns,
    heritage: Heritage,
    notices: JobNotices | None,
) -> Company:
    """Put together what a process needs that is not alone."""
    deadlines = Deadlines(settings.takeover_seconds, settings.stall_seconds)
    workers = SqlWorkerStore(engine)
    membership = Membership(me, workers, runs, heritage, deadlines, give_up)
    return Company(membership, DatabaseWatch(engine), notices)


def this_process(role: Role, name: str | None, skills: Skills) -> Worker:
    """Return what a process says of itself.

    Args:
        role: what it does.
        name: the same after each restart, where no two processes can have it; else a new one.
        skills: what it can do.
    """
    models = () if role is Role.API else skills.models
    return Worker(name or uuid4().hex, socket.gethostname()[:255], models, skills.diarizer)


def hearing(store: JobStore, feed: JobFeed) -> Callable[[str | None], None]:
    """Return what passes on to listeners here what happened to jobs elsewhere."""

    def hear(job_id: str | None) -> None:
        if job_id is None:
            for job in store.by_status({JobStatus.RUNNING}):
                feed.publish(job)
        elif (changed := store.get(job_id)) is not None:
            feed.publish(changed)

    return hear


def give_up(reason: str) -> NoReturn:
    """End this process at once: what it had begun belongs to others by now."""
    log.critical("This process ends: %s. It is to be started again.", reason)
    logging.shutdown()
    os._exit(GIVEN_UP)


def wait_until(is_so: Callable[[], bool], seconds: float, every: float = 0.1) -> bool:
    """Wait until something is so, not too long; return whether it is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
