"""The jobs of one server: rows, folders, the queue, and what works on them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Protocol, TypeAlias

from quoth.adapters.dbos.queue import DbosJobQueue, RunAttempt
from quoth.adapters.dbos.webhooks import DbosWebhookQueue, Deliver
from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.sql.endings import SqlEndingStore
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.adapters.sql.shares import SqlShareStore
from quoth.adapters.sql.usage import SqlUsageStore
from quoth.adapters.storage.edit_logs import FileEditLogs
from quoth.adapters.storage.job_files import Codec, FolderJobFiles
from quoth.adapters.storage.leftovers import FolderLeftovers
from quoth.adapters.storage.replacing import undo_interrupted
from quoth.adapters.storage.serving_lock import lock_folder, name_of
from quoth.api.errors import code_of
from quoth.api.service import Jobs
from quoth.bootstrap.access import key_ring
from quoth.bootstrap.webhooks import webhook_sender
from quoth.config import Settings
from quoth.domain.fairness import LANES
from quoth.formats import json
from quoth.ports.jobs import JobQueue, Steps
from quoth.ports.webhooks import WebhookQueue
from quoth.telemetry.registry import Telemetry
from quoth.use_cases.edit_job import EditJob
from quoth.use_cases.edit_transcript import EditTranscript
from quoth.use_cases.housekeeping import Housekeeping
from quoth.use_cases.janitor import Janitor
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRuns
from quoth.use_cases.look_after_jobs import LookAfterJobs
from quoth.use_cases.manage_jobs import Backlog, ManageJobs
from quoth.use_cases.quotas import KeyQuotas
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.retention import Keeping, Retention
from quoth.use_cases.run_job import RunJob
from quoth.use_cases.share_jobs import ShareJobs
from quoth.use_cases.suspicion import Suspicion
from quoth.use_cases.tell_endings import SendWebhook, TellEndings
from quoth.use_cases.throughput import Throughput
from quoth.use_cases.transcribe import TranscribeRecording

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0
LOCAL = "local"
"""Who takes jobs from tables that only this folder's servers have. A server takes up after a
restart what it left under its own name, so that has to stay the same."""


class Workforce(Protocol):
    """The use cases that jobs are done with."""

    def transcribe(self, model: str | None) -> TranscribeRecording:
        """Return the use case on a model, None for the configured one."""

    def rediarize(self) -> Rediarize:
        """Return the use case that tells speakers apart anew."""


CODEC = Codec(json.render, json.parse)


class RunningQueue(JobQueue, Protocol):
    """A queue with a beginning and an end."""

    def start(self) -> None:
        """Take up what a predecessor left, and begin to take jobs."""

    def stop(self) -> None:
        """Record no failure from now on."""

    def close(self) -> None:
        """End for good, in a process that goes on."""


@dataclass(frozen=True, slots=True)
class Queues:
    """What does jobs, and what tells of their endings."""

    jobs: RunningQueue
    webhooks: WebhookQueue


MakeQueues: TypeAlias = Callable[[RunAttempt, Deliver], Queues]
"""Makes the queues of what does an attempt, and what tries once to tell of an ending."""


@dataclass(frozen=True, slots=True)
class JobService:
    """Everything about jobs in one process.

    Args:
        jobs: what the API needs.
        queue: does the jobs.
        care: sets right what crashes left.
        housekeeping: removes what was kept long enough, and what crashes left.
        lock: keeps other servers from the folder.
    """

    jobs: Jobs
    queue: RunningQueue
    care: LookAfterJobs
    housekeeping: Housekeeping
    lock: IO[bytes]

    def start(self) -> None:
        """Take up what was left, then take jobs."""
        self.queue.start()
        self.care.recover()
        self.housekeeping.start()

    def stop(self) -> None:
        """Record no failure from now on; what is under way is done again by the next start."""
        self.queue.stop()
        self.housekeeping.stop()

    def close(self) -> None:
        """End, in a process that goes on; nothing may be under way."""
        self.housekeeping.stop()
        self.queue.close()
        self.lock.close()


def build_jobs(
    settings: Settings, workforce: Workforce, make_queues: MakeQueues | None = None
) -> JobService:
    """Put the jobs of a server together.

    Args:
        settings: of the installation.
        workforce: does the work.
        make_queues: makes the queues; else they are DBOS's.

    Raises:
        DataInUse: if another server works on the same folder.
        DatabaseUnavailable: if the database cannot be used.
    """
    folder = settings.quoth_data
    lock = lock_folder(folder)
    if undo_interrupted(folder):
        log.warning("restoring a backup was cut short; %s is as it was before", folder)
    engine = open_database(settings.database_url or sqlite_url(folder / "jobs.sqlite"))
    store = SqlJobStore(engine)
    files = FolderJobFiles(folder / "jobs", CODEC, PcmFile)
    feed = JobFeed()
    runs = JobRuns(store, feed)
    throughput = Throughput(feed)
    sender = webhook_sender(settings)
    make = make_queues or partial(_durable_queues, settings, lock)

    telemetry = Telemetry()
    feed.always(telemetry.jobs.heard)

    def attempt(job_id: str, number: int, steps: Steps) -> None:
        # It is made below: it tells of endings by a queue.
        run(job_id, number, telemetry.jobs.timed(steps))

    queues = make(attempt, SendWebhook(store, sender))
    notifier = TellEndings(SqlEndingStore(engine), queues.webhooks, sender)
    run = RunJob(
        store=store,
        files=files,
        runs=runs,
        feed=feed,
        suspicion=Suspicion(),
        transcribe=workforce.transcribe,
        now=time.time,
        code_of=code_of,
        notifier=notifier,
    )
    manage = ManageJobs(
        store=store,
        queue=queues.jobs,
        files=files,
        runs=runs,
        feed=feed,
        backlog=Backlog(settings.max_queued_audio_seconds, throughput.speed),
        anew=workforce.rediarize,
        stated_duration=_stated_duration(workforce),
        now=time.time,
        notifier=notifier,
        quotas=KeyQuotas(key_ring(settings), SqlUsageStore(engine), store, time.time),
    )
    care = LookAfterJobs(store, queues.jobs, files, feed, time.time, notifier)
    edits = EditJob(manage, EditTranscript(FileEditLogs(folder / "jobs")))
    longest = settings.max_share_days * DAY_SECONDS
    shares = ShareJobs(store, SqlShareStore(engine), time.time, longest)
    return JobService(
        Jobs(manage, edits, feed, shares, telemetry),
        queues.jobs,
        care,
        _housekeeping(settings, manage, care),
        lock,
    )


def _housekeeping(settings: Settings, manage: ManageJobs, care: LookAfterJobs) -> Housekeeping:
    keeping = Keeping(settings.keep_audio_days, settings.keep_transcripts_days)
    files = FolderJobFiles(settings.quoth_data / "jobs", CODEC, PcmFile)
    retention = Retention(manage.store, files, manage.feed, manage.delete, keeping, manage.now)
    janitor = Janitor(manage.store, files, FolderLeftovers(files), manage.feed, manage.now)
    return Housekeeping([care, retention, janitor])


def _durable_queues(
    settings: Settings, lock: IO[bytes], run: RunAttempt, deliver: Deliver
) -> Queues:
    webhooks = DbosWebhookQueue(deliver)
    jobs = DbosJobQueue(
        settings.database_url or sqlite_url(settings.quoth_data / "queue.sqlite"),
        run,
        dict.fromkeys(LANES, settings.job_concurrency),
        webhooks,
        executor=LOCAL if settings.database_url is None else name_of(lock),
    )
    return Queues(jobs, webhooks)


def _stated_duration(workforce: Workforce) -> Callable[[Path], float | None]:
    """Return what tells a recording's length; no file can claim more than is ever worked on."""
    use_case = workforce.transcribe(None)

    def stated(source: Path) -> float | None:
        seconds = use_case.decoder.stated_duration(source)
        return seconds and min(seconds, use_case.policy.limits.max_audio_seconds)

    return stated
