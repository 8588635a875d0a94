"""`Prefer: respond-async` (RFC 7240): a request of OpenAI's contract that becomes a job."""

from pathlib import Path

from fastapi.responses import JSONResponse
from starlette.requests import Request

from quoth.api.forms import TranscriptionForm
from quoth.api.job_documents import document_of
from quoth.api.job_intake import UNNAMED
from quoth.api.model_names import OPENAI_MODELS
from quoth.api.multipart import ReceivedFile
from quoth.api.service import Service
from quoth.domain.errors import InvalidParameter
from quoth.domain.jobs import LOCAL_OWNER, JobOptions
from quoth.use_cases.manage_jobs import NewRecording

PREFERENCE = "respond-async"


def is_async(request: Request) -> bool:
    """Whether a client would rather have a job than wait."""
    preferred = ",".join(request.headers.getlist("prefer")).lower()
    return PREFERENCE in {each.partition(";")[0].strip() for each in preferred.split(",")}


def respond_async(service: Service, form: TranscriptionForm, file: ReceivedFile) -> JSONResponse:
    """Make a job of a request, and answer where it is to be found.

    Raises:
        InvalidParameter: if it asks for what a job cannot do.
        QueueFull: if too much waits.
    """
    if form.known_speaker_names:
        raise InvalidParameter("known_speaker_names", f"cannot be had with Prefer: {PREFERENCE}")

    def bring(target: Path) -> None:
        file.path.replace(target)

    recording = NewRecording(file.filename or UNNAMED, bring)
    job = service.jobs.manage.create(LOCAL_OWNER, options_of(form), recording)
    headers = {"location": f"/v1/jobs/{job.id}", "preference-applied": PREFERENCE}
    return JSONResponse(document_of(job).model_dump(mode="json"), 202, headers)


def options_of(form: TranscriptionForm) -> JobOptions:
    """Return how a job does what a form asks for."""
    wanted = form.options
    return JobOptions(
        model=None if form.model in OPENAI_MODELS else form.model,
        language=wanted.language,
        candidates=wanted.candidates,
        keywords=wanted.keywords,
        is_translated=wanted.is_translated,
        prompt=wanted.prompt,
        temperature=wanted.temperature,
        diarize=form.wants_speakers,
        hints=form.hints,
    )
