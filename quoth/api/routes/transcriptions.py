"""`POST /v1/audio/transcriptions`: OpenAI's contract, with speakers."""

from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from quoth.api.forms import ResponseFormat, TranscriptionForm, parse
from quoth.api.multipart import FormLimits
from quoth.api.service import Service
from quoth.api.slots import Slots
from quoth.api.uploads import read_form, the_file
from quoth.domain.errors import Cancelled
from quoth.domain.transcript import Transcript
from quoth.formats import openai, srt, text, vtt
from quoth.ports.transcriber import TranscriptionOptions
from quoth.use_cases.observing import Observer
from quoth.use_cases.requests import TranscriptionRequest

OPENAI_MODELS = frozenset(
    {
        "whisper-1",
        "gpt-transcribe",
        "gpt-4o-transcribe",
        "gpt-4o-mini-transcribe",
        "gpt-4o-mini-transcribe-2025-12-15",
        "gpt-4o-transcribe-diarize",
    }
)
"""Names that mean the configured model."""

CLIENT_CLOSED_REQUEST = 499


def _verbose(transcript: Transcript, form: TranscriptionForm) -> Response:
    granularities = form.timestamp_granularities
    return JSONResponse(openai.verbose_json(transcript, granularities, form.temperature))


def _text(transcript: Transcript, form: TranscriptionForm) -> Response:
    has_names = form.wants_speakers and bool(transcript.speakers)
    return PlainTextResponse(text.render(transcript) if has_names else openai.text(transcript))


RENDERERS: Mapping[ResponseFormat, Callable[[Transcript, TranscriptionForm], Response]] = {
    "json": lambda transcript, _: JSONResponse(openai.json(transcript)),
    "text": _text,
    "srt": lambda transcript, _: PlainTextResponse(srt.render(transcript)),
    "vtt": lambda transcript, _: PlainTextResponse(vtt.render(transcript), media_type="text/vtt"),
    "verbose_json": _verbose,
    "diarized_json": lambda transcript, _: JSONResponse(openai.diarized_json(transcript)),
}


def _openapi_body() -> dict[str, object]:
    schema = TranscriptionForm.model_json_schema()
    schema["properties"]["file"] = {
        "type": "string",
        "format": "binary",
        "description": "The recording: audio, or video with sound, in any usual format.",
    }
    schema["required"] = ["file"]
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def router(service: Service, slots: Slots) -> APIRouter:
    """Return the route on a service."""
    routes = APIRouter(prefix="/v1/audio", tags=["transcriptions"])

    @routes.post("/transcriptions", openapi_extra=_openapi_body(), response_model=None)
    async def transcribe(request: Request) -> Response:
        """Transcribe a recording now; nothing of it is kept."""
        try:
            with service.workspace() as workspace:
                with slots.upload():
                    job = await _receive(service, request, workspace)
                with slots.place() as number:
                    return await slots.run(request, number, job)
        except (Cancelled, ClientDisconnect):
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    return routes


async def _receive(
    service: Service, request: Request, workspace: Path
) -> Callable[[Observer], Response]:
    """Take a request in and return the work it asks for, rendering included."""
    limits = FormLimits(service.limits.max_upload_bytes, service.uploads.check_space)
    form = await read_form(request, workspace, limits)
    fields = parse(form.fields)
    model = None if fields.model in OPENAI_MODELS else fields.model
    use_case = await run_in_threadpool(service.recognisers.transcribe, model)
    recording = _recording(fields, the_file(form).path)
    use_case.check(recording)

    def work(observe: Observer) -> Response:
        transcript = use_case(recording, workspace, observe).transcript
        return RENDERERS[fields.response_format](transcript, fields)

    return work


def _recording(form: TranscriptionForm, source: Path) -> TranscriptionRequest:
    return TranscriptionRequest(
        source,
        TranscriptionOptions(form.language, form.prompt, form.temperature),
        diarize=form.wants_speakers,
        hints=form.hints,
    )
