"""The jobs of one server: rows, folders, the queue, and what works on them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from quoth.adapters.sql.endings import SqlEndingStore
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.notices import JobNotices
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.adapters.sql.shares import SqlShareStore
from quoth.adapters.sql.tickets import SqlTicketStore
from quoth.adapters.sql.usage import SqlUsageStore
from quoth.adapters.sql.workers import SqlWorkerStore
from quoth.adapters.storage.replacing import undo_interrupted
from quoth.adapters.storage.serving_lock import lock_folder, name_of
from quoth.api.errors import code_of
from quoth.api.service import Jobs
from quoth.bootstrap.access import build_hourly_audio, key_ring
from quoth.bootstrap.fleet import (
    Company,
    Role,
    Skills,
    hearing,
    keep_company,
    this_process,
    wait_until,
)
from quoth.bootstrap.live import live_recordings
from quoth.bootstrap.queues import MakeQueues, RunningQueue, durable_queues
from quoth.bootstrap.stores import Stores, check_store, is_bucket, open_stores, try_store
from quoth.bootstrap.webhooks import webhook_sender
from quoth.config import Settings
from quoth.ports.jobs import Steps
from quoth.telemetry.registry import Telemetry
from quoth.use_cases.backlog import Backlog
from quoth.use_cases.edit_job import EditJob
from quoth.use_cases.edit_transcript import EditTranscript
from quoth.use_cases.housekeeping import Housekeeping
from quoth.use_cases.janitor import Janitor
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRuns
from quoth.use_cases.job_work import JobWork
from quoth.use_cases.look_after_jobs import LookAfterJobs
from quoth.use_cases.manage_jobs import ManageJobs
from quoth.use_cases.quotas import KeyQuotas
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.rediarize_job import RediarizeJob
from quoth.use_cases.rescue_recordings import RescueRecordings
from quoth.use_cases.retention import Keeping, Retention
from quoth.use_cases.routing import RoutedQueue, Routing
from quoth.use_cases.run_job import RunJob
from quoth.use_cases.share_jobs import ShareJobs
from quoth.use_cases.suspicion import Suspicion
from quoth.use_cases.tell_endings import SendWebhook, TellEndings
from quoth.use_cases.throughput import Throughput
from quoth.use_cases.transcribe import TranscribeRecording
from quoth.use_cases.transcribe_elsewhere import ForgetAbandoned

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0


class Workforce(Protocol):
    """The use cases that jobs are done with."""

    def transcribe(self, model: str | None) -> TranscribeRecording:
        """Return the use case on a model, None for the configured one."""

    def rediarize(self) -> Rediarize:
        """Return the use case that tells speakers apart anew."""


@dataclass(frozen=True, slots=True)
class JobService:
    """Everything about jobs in one process.

    Args:
        jobs: what the API needs.
        queue: does the jobs.
        care: sets right what crashes left.
        housekeeping: removes what was kept long enough, and what crashes left.
        lock: keeps other servers from the folder; None for a worker.
        company: what it has that is not alone with its database; else None.
        role: what the process does.
        routing: knows who can do what, where it is not alone.
    """

    jobs: Jobs
    queue: RunningQueue
    care: LookAfterJobs
    housekeeping: Housekeeping
    lock: IO[bytes] | None
    company: Company | None = None
    role: Role = Role.SERVER
    routing: Routing | None = None

    def start(self) -> None:
        """Take up what was left, then take jobs."""
        if self.company is not None:
            self.company.join()
        self.queue.start()
        if self.company is not None:
            self.company.start()
        if self.role is not Role.WORKER:
            self.care.recover(is_alone=self.company is None)
            self.housekeeping.start()

    def drain(self, seconds: float) -> None:
        """Take nothing more, and go on for so long with what was begun."""
        if self.company is not None:
            self.company.membership.drain()
        self.queue.pause()
        runs = self.jobs.manage.runs
        if not wait_until(lambda: runs.count == 0, seconds):
            log.warning("%d jobs are handed on from their last finished step", runs.count)

    def stop(self) -> None:
        """Record no failure from now on; what is under way is done again by the next start.

        Where others do jobs, too, they go on with it now.
        """
        self.queue.stop()
        if self.company is not None:
            self.queue.pause()
            self.company.leave()
        self.housekeeping.stop()

    def close(self) -> None:
        """End, in a process that goes on; nothing may be under way."""
        self.housekeeping.stop()
        if self.company is not None:
            self.queue.pause()
            self.company.leave()
        self.queue.close()
        if self.lock is not None:
            self.lock.close()


def build_jobs(
    settings: Settings,
    workforce: Workforce,
    make_queues: MakeQueues | None = None,
    *,
    role: Role = Role.SERVER,
    skills: Skills | None = None,
) -> JobService:
    """Put the jobs of a process together.

    Args:
        settings: of the installation.
        workforce: does the work.
        make_queues: makes the queues; else they are DBOS's.
        role: what the process does.
        skills: what it can do, where it is not alone.

    Raises:
        DataInUse: if another server works on the same folder.
        DatabaseUnavailable: if the database cannot be used.
        WrongStore: if the jobs of the database lie in another store.
        UnusableStore: if STORE_URL names no store.
    """
    is_shared = settings.database_url is not None
    if settings.database_url is not None:
        check_store(settings, settings.database_url)
    lock = _lock(settings.quoth_data, role)
    engine = open_database(settings.database_url or sqlite_url(settings.quoth_data / "jobs.sqlite"))
    name = name_of(lock) if lock is not None and role is Role.SERVER else None
    me = this_process(role, name, skills or Skills())
    store = SqlJobStore(engine)
    stores = open_stores(settings)
    if is_bucket(settings):
        try_store(settings)
    feed = JobFeed()
    runs = JobRuns(store, feed, is_alone=not is_shared)
    throughput = Throughput(feed)
    sender = webhook_sender(settings)
    make = make_queues or partial(durable_queues, settings, role, me)

    telemetry = Telemetry()
    feed.always(telemetry.jobs.heard)

    def attempt(job_id: str, number: int, steps: Steps) -> None:
        # It is made below: it tells of endings by a queue.
        run(job_id, number, telemetry.jobs.timed(steps))

    queues = make(attempt, SendWebhook(store, sender))
    routing = Routing(SqlWorkerStore(engine), settings.takeover_seconds) if is_shared else None
    queue = RoutedQueue(queues.jobs, store, routing) if routing else queues.jobs
    notifier = TellEndings(SqlEndingStore(engine), queues.webhooks, sender)
    run = RunJob(
        store=store,
        files=stores.files,
        runs=runs,
        feed=feed,
        suspicion=Suspicion(),
        work=JobWork(
            store,
            stores.files,
            workforce.transcribe,
            me.models[0].model if me.models else None,
        ),
        now=time.time,
        code_of=code_of,
        notifier=notifier,
        worker=me.id if is_shared else None,
    )
    manage = ManageJobs(
        store=store,
        queue=queue,
        files=stores.files,
        runs=runs,
        feed=feed,
        backlog=Backlog(
            store.load,
            settings.max_queued_audio_seconds,
            throughput.speed,
            _stated_duration(workforce),
        ),
        now=time.time,
        notifier=notifier,
        quotas=KeyQuotas(
            key_ring(settings),
            SqlUsageStore(engine),
            store,
            time.time,
            build_hourly_audio(settings),
        ),
    )
    care = LookAfterJobs(store, queue, stores.files, feed, time.time, notifier)
    anew = RediarizeJob(manage, workforce.rediarize)
    edits = EditJob(manage, EditTranscript(stores.edits), anew)
    longest = settings.max_share_days * DAY_SECONDS
    shares = ShareJobs(store, SqlShareStore(engine), time.time, longest)
    notices = None if role is Role.WORKER else JobNotices(engine, hearing(store, feed))
    company = keep_company(settings, engine, me, runs, queues.jobs, notices) if is_shared else None
    if company is not None and isinstance(queue, RoutedQueue) and role is not Role.WORKER:
        company.membership.others_changed = queue.dispatch
    return JobService(
        Jobs(
            manage,
            edits,
            feed,
            shares,
            telemetry,
            SqlTicketStore(engine),
            routing.waits_for if routing else lambda _job: None,
        ),
        queues.jobs,
        care,
        _housekeeping(settings, manage, stores, care),
        lock,
        company,
        role,
        routing,
    )


def _lock(folder: Path, role: Role) -> IO[bytes] | None:
    """Keep other servers from a data folder, where two could not both work with it."""
    if role is Role.WORKER:
        return None
    lock = lock_folder(folder, is_shared=role is Role.API)
    if role is Role.SERVER and undo_interrupted(folder):
        log.warning("restoring a backup was cut short; %s is as it was before", folder)
    return lock


def _housekeeping(
    settings: Settings, manage: ManageJobs, stores: Stores, care: LookAfterJobs
) -> Housekeeping:
    keeping = Keeping(settings.keep_audio_days, settings.keep_transcripts_days)
    files = stores.files
    retention = Retention(manage.store, files, manage.feed, manage.delete, keeping, manage.now)
    janitor = Janitor(manage.store, files, stores.leftovers, manage.feed, manage.now)
    rescue = RescueRecordings(live_recordings(settings.quoth_data), manage)
    return Housekeeping([care, rescue, retention, janitor, ForgetAbandoned(manage)])


def _stated_duration(workforce: Workforce) -> Callable[[Path], float | None]:
    """Return what tells a recording's length; no file can claim more than is ever worked on."""
    use_case = workforce.transcribe(None)

    def stated(source: Path) -> float | None:
        seconds = use_case.decoder.stated_duration(source)
        return seconds and min(seconds, use_case.policy.limits.max_audio_seconds)

    return stated
