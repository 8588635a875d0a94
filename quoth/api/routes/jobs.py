"""`/v1/jobs`: recordings that are kept, and transcribed whatever happens in between."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from quoth.api.closing import Closing
from quoth.api.job_documents import JobDocument, JobList, document_of, page_end, place_after
from quoth.api.job_events import watch, watch_all
from quoth.api.job_intake import JobRequest, create_jobs, is_long, openapi_body, receive
from quoth.api.live import CLIENT_CLOSED_REQUEST
from quoth.api.owners import Owner, job_dependency
from quoth.api.service import Service
from quoth.domain.jobs import Job, JobStatus
from quoth.ports.jobs import JobFilter, Place

MOST_ON_A_PAGE = 200


class Renamed(BaseModel):
    """What is to be changed of a job."""

    name: str = Field(min_length=1, max_length=255)


def router(  # noqa: C901 - a route is a function in here
    service: Service, closing: Closing
) -> APIRouter:
    """Return the routes on a service."""
    routes = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    manage, feed = service.jobs.manage, service.jobs.feed
    TheJob = Annotated[Job, Depends(job_dependency(manage))]  # noqa: N806 - a type

    def a_job_with_news(job: TheJob, last_event_id: Annotated[int, Header()] = 0) -> Job:
        if job.status.is_final and job.revision == last_event_id:
            raise HTTPException(204)
        return job

    def show(job: Job) -> JobDocument:
        return document_of(job, manage.position(job), service.jobs.waits_for(job))

    def place(owner: str, after: str) -> Place:
        if "_" in after:
            return place_after(after)
        job = manage.get(owner, after)
        return Place(job.created, job.id)

    @routes.post("", openapi_extra=openapi_body(), response_model=None, status_code=202)
    async def create(
        request: Request, owner: Owner, idempotency_key: Annotated[str | None, Header()] = None
    ) -> Response:
        """Take recordings in, as files or as finished uploads; each becomes a job.

        One recording is answered with its job, several with a list. With an `Idempotency-Key` the
        same request again gives the jobs of the first time.
        """

        def take_in(wanted: JobRequest) -> list[JobDocument]:
            return [show(job) for job in create_jobs(service, owner, wanted, idempotency_key)]

        try:
            if is_long(request):
                await run_in_threadpool(manage.backlog.refuse_if_full)
            with service.workspace() as folder:
                made = await receive(service, request, folder, take_in)
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED_REQUEST)
        documents = [document.model_dump(mode="json") for document in made]
        content = documents[0] if len(made) == 1 else {"object": "list", "data": documents}
        return JSONResponse(content, 202, {"location": f"/v1/jobs/{made[0].id}"})

    @routes.get("")
    def find(
        owner: Owner,
        status: Annotated[list[JobStatus] | None, Query(description="Any of these.")] = None,
        q: Annotated[
            str | None, Query(description="Words of the name or the transcript, begun or whole.")
        ] = None,
        after: Annotated[
            str | None,
            Query(description="`next` of the page before, or the id of a job that is still there."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 50,
    ) -> JobList:
        """List jobs, the newest first."""
        wanted = JobFilter(status or (), q, place(owner, after) if after else None, limit + 1)
        found = manage.find(owner, wanted)
        return JobList(
            data=[show(job) for job in found[:limit]],
            total=manage.count(owner, wanted),
            has_more=len(found) > limit,
            next=page_end(found[limit - 1]) if len(found) > limit else None,
        )

    @routes.get("/events", response_class=EventSourceResponse)
    async def every_event(owner: Owner) -> AsyncIterator[ServerSentEvent]:
        """Tell of changes of any job, as they happen."""
        async for event in watch_all(manage, feed, closing, owner):
            yield event

    @routes.get("/{job_id}")
    def get(job: TheJob) -> JobDocument:
        """Tell where a job is."""
        return show(job)

    @routes.patch("/{job_id}")
    def rename(job: TheJob, changes: Renamed) -> JobDocument:
        """Call a job something else."""
        return show(manage.rename(job.owner, job.id, changes.name))

    @routes.get("/{job_id}/events", response_class=EventSourceResponse)
    async def events(
        job: Annotated[Job, Depends(a_job_with_news)],
        last_event_id: Annotated[int, Header()] = 0,
    ) -> AsyncIterator[ServerSentEvent]:
        """Tell of each change of a job until it is over; resumable by `Last-Event-ID`.

        204 tells a client that has seen the last one not to come back, as `EventSource` would.
        """
        async for event in watch(manage, feed, closing, job, last_event_id):
            yield event

    @routes.post("/{job_id}/cancel")
    def cancel(job: TheJob) -> JobDocument:
        """Stop a job; a retry goes on from what was done."""
        return show(manage.cancel(job.owner, job.id))

    @routes.post("/{job_id}/retry", status_code=202)
    def retry(job: TheJob) -> JobDocument:
        """Queue a failed or cancelled job once more."""
        return show(manage.retry(job.owner, job.id))

    @routes.delete("/{job_id}", status_code=204)
    def delete(job: TheJob) -> None:
        """Delete a job and everything that belongs to it. There is no way back."""
        manage.delete(job.owner, job.id)

    return routes
