"""The changes of jobs as they happen, for one client."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from quoth.api.job_documents import document_of
from quoth.domain.jobs import Job, JobStatus
from quoth.use_cases.job_feed import EVERY_JOB, JobFeed
from quoth.use_cases.manage_jobs import ManageJobs

LOOK_SECONDS = 2.0
"""How often the row is looked at: a job may be run by another process, whose word comes by it."""


async def watch(
    manage: ManageJobs, feed: JobFeed, job: Job, seen_revision: int
) -> AsyncIterator[ServerSentEvent]:
    """Yield each state of a job that is news, up to its last; the id of an event is its revision.

    Each event is the whole job, so that a client that was away misses nothing it needs.
    """
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def hear(_job: Job) -> None:
        loop.call_soon_threadsafe(changed.set)

    with feed.listening(job.id, hear):
        while True:
            changed.clear()
            latest = await run_in_threadpool(manage.store.get, job.id, job.owner)
            if latest is None:
                return
            if latest.revision != seen_revision:
                seen_revision = latest.revision
                yield await _event(manage, latest)
            if latest.status.is_final:
                return
            await _wait(changed)


async def watch_all(
    manage: ManageJobs, feed: JobFeed, owner: str
) -> AsyncIterator[ServerSentEvent]:
    """Yield each change of any of an owner's jobs that happens in this process."""
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[Job] = asyncio.Queue()

    def hear(job: Job) -> None:
        loop.call_soon_threadsafe(inbox.put_nowait, job)

    with feed.listening(EVERY_JOB, hear):
        while True:
            job = await inbox.get()
            if job.owner == owner:
                yield await _event(manage, job)


async def _event(manage: ManageJobs, job: Job) -> ServerSentEvent:
    is_waiting = job.status is JobStatus.QUEUED
    position = await run_in_threadpool(manage.position, job) if is_waiting else None
    return ServerSentEvent(data=document_of(job, position), id=str(job.revision))


async def _wait(changed: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(changed.wait(), LOOK_SECONDS)
    except TimeoutError:
        return
