"""`/v1/jobs/ID/edits`: mending a transcript; everything can be undone."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from quoth.api.edit_documents import EditDocument, EditStateDocument, state_document
from quoth.api.owners import job_dependency
from quoth.api.service import Service
from quoth.domain.jobs import Job
from quoth.use_cases.edit_transcript import EditState

IfMatch = Annotated[
    str | None, Header(description="The `etag` that was looked at: refused if it changed since.")
]


def router(service: Service) -> APIRouter:
    """Return the routes on a service."""
    routes = APIRouter(prefix="/v1/jobs/{job_id}/edits", tags=["edits"])
    manage, edits = service.jobs.manage, service.jobs.edits
    TheJob = Annotated[Job, Depends(job_dependency(manage))]  # noqa: N806 - a type

    def answer(job: Job, response: Response, act: Callable[[], EditState]) -> EditStateDocument:
        state = act()
        document = state_document(manage.get(job.owner, job.id), state)
        response.headers["ETag"] = document.etag
        return document

    @routes.get("")
    def state(job: TheJob, response: Response) -> EditStateDocument:
        """Tell where the editing stands, with the transcript as edited."""
        return answer(job, response, lambda: edits.state(job))

    @routes.post("")
    def edit(
        job: TheJob, wanted: EditDocument, response: Response, if_match: IfMatch = None
    ) -> EditStateDocument:
        """Make an edit; the machine's transcript stays as it is underneath."""
        return answer(job, response, lambda: edits.edit(job, wanted.edit(), _tag(if_match)))

    @routes.post("/undo")
    def undo(job: TheJob, response: Response, if_match: IfMatch = None) -> EditStateDocument:
        """Undo the last edit."""
        return answer(job, response, lambda: edits.undo(job, _tag(if_match)))

    @routes.post("/redo")
    def redo(job: TheJob, response: Response, if_match: IfMatch = None) -> EditStateDocument:
        """Make the edit again that was undone last."""
        return answer(job, response, lambda: edits.redo(job, _tag(if_match)))

    return routes


def _tag(if_match: str | None) -> str | None:
    if if_match is None or if_match.strip() == "*":
        return None
    return if_match.strip().removeprefix("W/").strip('"')
