"""`Prefer: respond-async` (RFC 7240): a transcription that is asked for becomes a job."""

from collections.abc import Iterable

from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from quoth.api.chunking import ChunkingStrategy
from quoth.api.forms import TranscriptionForm, parse
from quoth.api.job_documents import JobDocument, document_of
from quoth.api.job_forms import JobForm
from quoth.api.job_intake import JobRequest, create_jobs
from quoth.api.live import CLIENT_CLOSED_REQUEST
from quoth.api.multipart import FormLimits
from quoth.api.service import Service
from quoth.api.uploads import ReceivedForm, read_form, the_file
from quoth.domain.errors import InvalidParameter

PREFERENCE = "respond-async"
AT_ONCE_ONLY = ("stream", "include")
"""Fields that a job has no use for, or does not keep."""


def prefers_async(headers: Iterable[str]) -> bool:
    """Tell whether one of the headers `Prefer` asks for it."""
    preferences = (each for header in headers for each in header.split(","))
    return any(each.partition(";")[0].strip().lower() == PREFERENCE for each in preferences)


async def respond_async(
    service: Service, request: Request, owner: str, idempotency_key: str | None
) -> Response:
    """Make a job of a request and answer with it.

    Raises:
        InputError: if it cannot be served, or not as a job.
        QueueFull: if too much waits.
    """
    manage = service.jobs.manage
    await run_in_threadpool(manage.backlog.refuse_if_full)
    limits = FormLimits(service.limits.max_upload_bytes, service.uploads.check_space)
    with service.workspace() as folder:

        def take_in(received: ReceivedForm) -> JobDocument:
            wanted = JobRequest(job_form(parse(received.fields)), [the_file(received)], folder)
            (job,) = create_jobs(service, owner, wanted, idempotency_key)
            return document_of(job, manage.position(job))

        try:
            document = await read_form(request, folder, limits, take_in)
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED_REQUEST)
    headers = {"location": f"/v1/jobs/{document.id}", "preference-applied": PREFERENCE}
    return JSONResponse(document.model_dump(mode="json"), 202, headers)


def job_form(fields: TranscriptionForm) -> JobForm:
    """Return a job's fields; its format is chosen when its transcript is fetched.

    Raises:
        InvalidParameter: for a field that only an answer at once can have.
    """
    for name in AT_ONCE_ONLY:
        if getattr(fields, name):
            raise InvalidParameter(name, f"cannot be given together with Prefer: {PREFERENCE}")
    if fields.chunking_strategy != ChunkingStrategy(type="auto"):
        problem = f"can only be auto together with Prefer: {PREFERENCE}"
        raise InvalidParameter("chunking_strategy", problem)
    shared = fields.model_dump(include=set(JobForm.model_fields))
    return JobForm.model_validate(shared | {"diarize": fields.wants_speakers})
