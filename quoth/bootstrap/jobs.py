"""The jobs of one server: rows, folders, the queue, and what works on them."""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from quoth.adapters.dbos.queue import DbosJobQueue
from quoth.adapters.dbos.webhooks import DbosWebhookQueue
from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.sql.endings import SqlEndingStore
from quoth.adapters.sql.jobs import SqlJobStore
from quoth.adapters.sql.schema import open_database, sqlite_url
from quoth.adapters.sql.shares import SqlShareStore
from quoth.adapters.storage.edit_logs import FileEditLogs
from quoth.adapters.storage.job_files import Codec, FolderJobFiles
from quoth.adapters.storage.serving_lock import lock_folder
from quoth.api.errors import code_of
from quoth.api.service import Jobs
from quoth.bootstrap.webhooks import webhook_sender
from quoth.config import Settings
from quoth.domain.fairness import LANES
from quoth.formats import json
from quoth.use_cases.edit_job import EditJob
from quoth.use_cases.edit_transcript import EditTranscript
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRuns
from quoth.use_cases.manage_jobs import Backlog, ManageJobs
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.run_job import RunJob
from quoth.use_cases.share_jobs import ShareJobs
from quoth.use_cases.suspicion import Suspicion
from quoth.use_cases.tell_endings import SendWebhook, TellEndings
from quoth.use_cases.throughput import Throughput
from quoth.use_cases.transcribe import TranscribeRecording

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
        lock: keeps other servers from the folder.
    """

    jobs: Jobs
    queue: DbosJobQueue
    lock: IO[bytes]

    def start(self) -> None:
        """Take up what was left, then take jobs."""
        self.queue.start()
        self.jobs.manage.recover()

    def stop(self) -> None:
        """Record no failure from now on; what is under way is done again by the next start."""
        self.queue.stop()

    def close(self) -> None:
        """End, in a process that goes on; nothing may be under way."""
        self.queue.close()
        self.lock.close()


def build_jobs(settings: Settings, workforce: Workforce) -> JobService:
    """Put the jobs of a server together.

    Raises:
        DataInUse: if another server works on the same folder.
        DatabaseUnavailable: if the database cannot be used.
    """
    folder = settings.quoth_data
    lock = lock_folder(folder)
    engine = open_database(settings.database_url or sqlite_url(folder / "jobs.sqlite"))
    store = SqlJobStore(engine)
    files = FolderJobFiles(folder / "jobs", Codec(json.render, json.parse), PcmFile)
    feed = JobFeed()
    runs = JobRuns(store, feed)
    throughput = Throughput(feed)
    sender = webhook_sender(settings)
    webhooks = DbosWebhookQueue(SendWebhook(store, sender))
    notifier = TellEndings(SqlEndingStore(engine), webhooks, sender)
    run = RunJob(
        store, files, runs, feed, Suspicion(), workforce.transcribe, time.time, code_of, notifier
    )
    queue = DbosJobQueue(
        settings.database_url or sqlite_url(folder / "queue.sqlite"),
        run,
        dict.fromkeys(LANES, settings.job_concurrency),
        webhooks,
        _executor(settings),
    )
    manage = ManageJobs(
        store,
        queue,
        files,
        runs,
        feed,
        Backlog(settings.max_queued_audio_seconds, throughput.speed),
        workforce.rediarize,
        _stated_duration(workforce),
        time.time,
        notifier,
    )
    edits = EditJob(manage, EditTranscript(FileEditLogs(folder / "jobs")))
    longest = settings.max_share_days * DAY_SECONDS
    shares = ShareJobs(store, SqlShareStore(engine), time.time, longest)
    return JobService(Jobs(manage, edits, feed, shares), queue, lock)


def _stated_duration(workforce: Workforce) -> Callable[[Path], float | None]:
    return workforce.transcribe(None).decoder.stated_duration


def _executor(settings: Settings) -> str:
    """Return a name under which a process takes up its own work after a restart."""
    if settings.database_url is None:
        return "local"
    return f"{socket.gethostname()}:{os.path.realpath(settings.quoth_data)}"
