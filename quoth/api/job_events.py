"""The changes of jobs as they happen, for one client."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from quoth.api.closing import Closing
from quoth.api.job_documents import document_of
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.jobs import Job, JobStatus
from quoth.use_cases.job_feed import EVERY_JOB, JobFeed
from quoth.use_cases.manage_jobs import ManageJobs

LOOK_SECONDS = 2.0
"""How often the row is looked at: a job may be run by another process, whose word comes by it."""


async def watch(
    manage: ManageJobs, feed: JobFeed, closing: Closing, job: Job, seen_revision: int
) -> AsyncIterator[ServerSentEvent]:
    """Yield each state of a job that is news, up to its last; the id of an event is its revision.

    It ends when the server does, too, and clients of events come back by themselves.

    Each event is the whole job, so that a client that was away misses nothing it needs.
    """
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def hear(_job: Job) -> None:
        loop.call_soon_threadsafe(changed.set)

    with feed.listening(job.id, hear), closing.waking(changed):
        while not closing.is_begun:
            changed.clear()
            try:
                latest = await run_in_threadpool(manage.store.get, job.id, job.owner)
                if latest is None:
                    return
                is_news = latest.revision != seen_revision
                event = await _event(manage, latest) if is_news else None
            except DatabaseUnavailable:  # browsers do not come back to where a 503 awaits them
                await _wait(changed)
                continue
            if event is not None:
                seen_revision = latest.revision
                yield event
            if latest.status.is_final:
                return
            await _wait(changed)


async def watch_all(
    manage: ManageJobs, feed: JobFeed, closing: Closing, owner: str
) -> AsyncIterator[ServerSentEvent]:
    """Yield changes of any of an owner's jobs that happen in this process.

    A client that reads slowly gets the latest of each job and not all of them: what waits for it
    is never more than its jobs.
    """
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    news: dict[str, Job] = {}

    def keep(job: Job) -> None:
        if job.id not in news or news[job.id].revision <= job.revision:
            news[job.id] = job
        changed.set()

    def hear(job: Job) -> None:
        if job.owner == owner:
            loop.call_soon_threadsafe(keep, job)

    with feed.listening(EVERY_JOB, hear), closing.waking(changed):
        while not closing.is_begun:
            changed.clear()
            while news:
                job = news.pop(next(iter(news)))
                try:
                    event = await _event(manage, job)
                except DatabaseUnavailable:
                    keep(job)
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    yield event
            await changed.wait()


async def _event(manage: ManageJobs, job: Job) -> ServerSentEvent:
    is_waiting = job.status is JobStatus.QUEUED
    position = await run_in_threadpool(manage.position, job) if is_waiting else None
    return ServerSentEvent(data=document_of(job, position), id=str(job.revision))


async def _wait(changed: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(changed.wait(), LOOK_SECONDS)
    except TimeoutError:
        return
