"""What came of a job: its transcript in any format, its audio, its outline, other speakers."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from quoth.api.edit_documents import etag_of
from quoth.api.job_forms import Hinted
from quoth.api.owners import job_dependency
from quoth.api.recordings import Outline, audio_of, outline_of
from quoth.api.service import Service
from quoth.domain.jobs import Job
from quoth.formats import json
from quoth.formats.options import RenderOptions
from quoth.formats.registry import format_named
from quoth.use_cases.edit_transcript import EditState


class Look(BaseModel):
    """How a transcript is wanted."""

    format: str = Field("json", description="A name of docs/formats.md.")
    times: bool | None = None
    speakers: bool = True
    line_length: int | None = None
    edited: bool = Field(True, description="Or as the machine made it.")
    download: bool = Field(False, description="As a file to save.")


def router(service: Service) -> APIRouter:
    """Return the routes on a service."""
    routes = APIRouter(prefix="/v1/jobs", tags=["results"])
    manage, edits = service.jobs.manage, service.jobs.edits
    TheJob = Annotated[Job, Depends(job_dependency(manage))]  # noqa: N806 - a type

    def current(job: Job) -> EditState:
        return edits.state(job)

    @routes.post("/{job_id}/rediarize")
    def rediarize(job: TheJob, hinted: Hinted) -> dict[str, Any]:
        """Tell the speakers apart anew with other hints, from kept evidence, in a second or so."""
        state = edits.rediarize(job, hinted.hints, hinted.speaker_names)
        return json.document(state.transcript)

    @routes.get("/{job_id}/transcript", response_model=None)
    def transcript(job: TheJob, request: Request, look: Annotated[Look, Query()]) -> Response:
        """Give the transcript in any format."""
        wanted = format_named(look.format)
        options = RenderOptions(look.times, look.speakers, look.line_length)
        stem = Path(job.name).stem or job.id
        state = current(job)
        headers = {"X-Content-Type-Options": "nosniff", "ETag": etag_of(job, state)}
        if request.headers.get("if-none-match") == headers["ETag"] and look.edited:
            return Response(status_code=304, headers=headers)
        shown = state.transcript if look.edited else manage.machine_transcript(job)
        content = wanted.render(shown, stem, options)
        if look.download:
            headers["Content-Disposition"] = _attachment(f"{stem}{wanted.extension}")
        return Response(content, media_type=wanted.media_type, headers=headers)

    @routes.get("/{job_id}/audio", response_model=None)
    def audio(job: TheJob) -> Response:
        """Give the recording as it was sent; ranges of bytes can be asked for."""
        return audio_of(job, manage.files)

    @routes.get("/{job_id}/peaks", response_model=None, responses={200: {"model": Outline}})
    def peaks(job: TheJob) -> dict[str, Any]:
        """Give the outline of the waveform, as BBC's audiowaveform writes it in JSON."""
        return outline_of(job, manage.files)

    return routes


def _attachment(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name)}"
