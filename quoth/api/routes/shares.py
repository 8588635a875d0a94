"""Shares: `/v1/jobs/{id}/shares` for the owner, `/v1/shares/{token}` for whoever holds a token."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from quoth.api.errors import answer_quoth_error
from quoth.api.owners import Owner
from quoth.api.recordings import Outline, audio_of, outline_of
from quoth.api.secret_paths import SHARES, keep_out_of_access_log
from quoth.domain.errors import QuothError
from quoth.domain.job_errors import NothingKept
from quoth.domain.jobs import Job
from quoth.domain.shares import Share
from quoth.domain.transcript import Transcript
from quoth.formats.registry import format_named
from quoth.ports.jobs import JobFiles
from quoth.use_cases.share_jobs import ShareJobs

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Nothing is kept in between, and links out of a page do not tell its address."""

TranscriptOf = Callable[[Job], Transcript]
"""Gives what is to be shown of a job; raises NothingKept if there is nothing yet."""


class PrivateRoute(APIRoute):
    """A route whose every answer, errors included, is for whoever asked alone."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers requests."""
        handle = super().get_route_handler()

        async def handle_privately(request: Request) -> Response:
            try:
                response = await handle(request)
            except QuothError as error:
                response = answer_quoth_error(request, error)
            response.headers.update(PRIVATE)
            return response

        return handle_privately


class ShareForm(BaseModel):
    """How to share a job."""

    expires_in: float | None = Field(None, description="Seconds; a week if left out.")
    label: str = Field("", description="What it is for, to tell it from others.")


class ShareDocument(BaseModel):
    """A share. Times are seconds since the epoch."""

    id: str
    object: Literal["share"] = "share"
    label: str
    created_at: float
    expires_at: float


class NewShareDocument(ShareDocument):
    """A share that was just made."""

    token: str = Field(description="Told this once: only a hash of it is kept.")
    path: str = Field(description="Where the job can be looked at.")


class ShareList(BaseModel):
    """The shares of a job that are good."""

    object: Literal["list"] = "list"
    data: list[ShareDocument]


class SharedSpeaker(BaseModel):
    """Somebody who speaks."""

    id: str
    name: str
    seconds: float


class SharedJob(BaseModel):
    """What a share shows of a job."""

    object: Literal["shared_job"] = "shared_job"
    name: str
    status: Literal["queued", "running", "completed", "failed", "cancelled"]
    duration: float = Field(description="Seconds of audio.")
    language: str | None
    speakers: list[SharedSpeaker]
    has_audio: bool = Field(description="Whether the recording is still kept.")


def router(shares: ShareJobs, files: JobFiles, transcript_of: TranscriptOf) -> APIRouter:
    """Return the routes.

    Args:
        shares: the use case.
        files: the folders of jobs.
        transcript_of: gives the transcript that is to be shown.
    """
    keep_out_of_access_log()
    routes = APIRouter(route_class=PrivateRoute, tags=["shares"])
    _add_owners_routes(routes, shares)
    _add_public_routes(routes, shares, files, transcript_of)
    return routes


def _add_owners_routes(routes: APIRouter, shares: ShareJobs) -> None:
    @routes.post("/v1/jobs/{job_id}/shares", status_code=201)
    def create(job_id: str, owner: Owner, form: ShareForm | None = None) -> NewShareDocument:
        """Make an address at which anybody can look at a job, read and listen, for a time."""
        form = form or ShareForm(expires_in=None, label="")
        made = shares.create(owner, job_id, form.expires_in, form.label)
        facts = _document(made.share).model_dump()
        return NewShareDocument(**facts, token=made.token, path=f"{SHARES}/{made.token}")

    @routes.get("/v1/jobs/{job_id}/shares")
    def find(job_id: str, owner: Owner) -> ShareList:
        """List the shares of a job that are good, without their tokens."""
        return ShareList(data=[_document(each) for each in shares.find(owner, job_id)])

    @routes.delete("/v1/jobs/{job_id}/shares/{share_id}", status_code=204)
    def revoke(job_id: str, share_id: str, owner: Owner) -> None:
        """Take a share back, at once."""
        shares.revoke(owner, job_id, share_id)


def _add_public_routes(
    routes: APIRouter, shares: ShareJobs, files: JobFiles, transcript_of: TranscriptOf
) -> None:
    def opened(token: str) -> Job:
        return shares.resolve(token)

    TheJob = Annotated[Job, Depends(opened)]  # noqa: N806 - a type

    @routes.get(f"{SHARES}/{{token}}")
    def look(job: TheJob) -> SharedJob:
        """Tell what is shared."""
        return _shared(job, _transcript_if_any(job, transcript_of))

    @routes.get(f"{SHARES}/{{token}}/transcript", response_model=None)
    def transcript(
        job: TheJob,
        format: Annotated[str, Query(description="A name of docs/formats.md.")] = "json",  # noqa: A002 - its name in the address
    ) -> Response:
        """Give the transcript in any format."""
        wanted = format_named(format)
        content = wanted.render(transcript_of(job), Path(job.name).stem or "shared")
        headers = {"X-Content-Type-Options": "nosniff"}
        return Response(content, media_type=wanted.media_type, headers=headers)

    @routes.get(f"{SHARES}/{{token}}/audio", response_model=None)
    def audio(job: TheJob) -> Response:
        """Give the recording as it was sent; ranges of bytes can be asked for."""
        return audio_of(job, files)

    @routes.get(
        f"{SHARES}/{{token}}/peaks",
        response_model=None,
        responses={200: {"model": Outline}},
    )
    def peaks(job: TheJob) -> dict[str, Any]:
        """Give the outline of the waveform, as BBC's audiowaveform writes it in JSON."""
        return outline_of(job, files)


def _transcript_if_any(job: Job, transcript_of: TranscriptOf) -> Transcript | None:
    try:
        return transcript_of(job)
    except NothingKept:  # it is not finished, or was removed to save room
        return None


def _document(share: Share) -> ShareDocument:
    return ShareDocument(
        id=share.id, label=share.label, created_at=share.created, expires_at=share.expires
    )


def _shared(job: Job, transcript: Transcript | None) -> SharedJob:
    speakers = transcript.speakers if transcript else ()
    return SharedJob(
        name=job.name,
        status=job.status.value,
        duration=transcript.duration if transcript else job.seconds,
        language=transcript.language if transcript else None,
        speakers=[
            SharedSpeaker(id=each.id, name=each.name, seconds=each.seconds) for each in speakers
        ],
        has_audio=job.has_audio,
    )
