"""`POST /v1/audio/transcriptions` and `/translations`: OpenAI's contract, with speakers."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Header, Request
from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.types import Send

from quoth.api.form_schema import answers, form_with_file
from quoth.api.forms import TranscriptionForm, parse
from quoth.api.live import EVENTS, JSON, Answer, LiveBody
from quoth.api.multipart import FormLimits
from quoth.api.openai_models import OPENAI_MODELS
from quoth.api.owners import Owner, owner_of
from quoth.api.references import save_references
from quoth.api.rendering import IN_JSON, RENDERERS, event, last_events
from quoth.api.respond_async import prefers_async, respond_async
from quoth.api.service import Service
from quoth.api.shared_runs import Gone, SharedRuns, key_of
from quoth.api.slots import Slots
from quoth.api.translation_form import TranslationForm, parse_translation
from quoth.api.uploads import ReceivedForm, read_form, the_file
from quoth.formats.openai_events import TextDeltas
from quoth.use_cases.observing import Observer
from quoth.use_cases.requests import TranscriptionRequest
from quoth.use_cases.transcribe import TranscribeRecording

ROOM_SECONDS = 2.0
"""How long the end of work is waited for that was given up."""

TEXT_OR_JSON = ("application/json", "text/plain", "text/vtt")

Parse: TypeAlias = Callable[[FormData], TranscriptionForm]
"""Reads the fields of a form."""

Put: TypeAlias = Callable[[bytes], None]
"""Says a JSON object in a body that is being written."""


@dataclass(frozen=True, slots=True)
class Job:
    """What one request asks for."""

    form: TranscriptionForm
    use_case: TranscribeRecording
    recording: TranscriptionRequest
    workspace: Path

    def respond(self, observe: Observer) -> Response:
        """Transcribe, and return the whole answer."""
        transcript = self.use_case(self.recording, self.workspace, observe).transcript
        return RENDERERS[self.form.response_format](transcript, self.form)

    def stream(self, put: Put, observe: Observer) -> None:
        """Transcribe, and say words while others are still being recognised."""
        deltas = TextDeltas(has_logprobs=self.form.has_logprobs)
        transcript = self.use_case(
            self.recording,
            self.workspace,
            observe,
            lambda words, language: put(event(deltas.delta(words, language))),
        ).transcript
        for last in last_events(transcript, self.form):
            put(last)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where requests are taken in: the places there are, and what runs for whom."""

    slots: Slots
    runs: SharedRuns[Response]

    async def make_room(self) -> None:
        """Give up what nobody waits for where every place is taken, and wait for its place."""
        if self.slots.is_full and self.runs.give_one_up():
            await self.slots.wait_for_place(ROOM_SECONDS)


def router(service: Service, slots: Slots) -> APIRouter:
    """Return the routes on a service."""
    routes = APIRouter(prefix="/v1/audio", tags=["transcriptions"])
    desk = Desk(slots, SharedRuns(service.limits.abandoned_seconds))

    def answering(request: Request, parse_form: Parse) -> Response:
        return Answer(lambda send: _answer(service, desk, request, parse_form, send))

    @routes.post(
        "/transcriptions",
        openapi_extra=form_with_file(TranscriptionForm),
        responses=answers(*TEXT_OR_JSON, "text/event-stream"),
        response_model=None,
    )
    async def transcribe(
        request: Request, owner: Owner, idempotency_key: Annotated[str | None, Header()] = None
    ) -> Response:
        """Transcribe a recording now; nothing of it is kept.

        A client that is cut off can send the same again within a minute and gets the work that is
        under way.

        An answer in JSON that takes long is led by white space, so that no proxy gives up on it;
        its status is 200 then, and an error is told by the body alone. With `stream` it is events.
        With the header `Prefer: respond-async` it becomes a job, which is kept: 202.
        """
        if prefers_async(request.headers.getlist("prefer")):
            return await respond_async(service, request, owner, idempotency_key)
        return answering(request, parse)

    @routes.post(
        "/translations",
        openapi_extra=form_with_file(TranslationForm),
        responses=answers(*TEXT_OR_JSON),
        response_model=None,
    )
    async def translate(request: Request) -> Response:
        """Write down in English what is said in any language, where a Whisper is there for it."""
        return answering(request, parse_translation)

    return routes


async def _answer(
    service: Service, desk: Desk, request: Request, parse_form: Parse, send: Send
) -> None:
    """Take a request in, work on it, and answer when nothing of it is left on disk."""
    slots = desk.slots
    with ExitStack() as stack:
        workspace = stack.enter_context(service.workspace())
        with slots.upload(may_wait=desk.runs.has_abandoned or is_named(request)):
            job, key = await _receive(service, request, parse_form, workspace)
        if job.form.stream or not desk.runs.is_there(key):
            await desk.make_room()
            number = stack.enter_context(slots.place())
        held = stack.pop_all()

    async def work(is_gone: Gone) -> Response:
        with held:
            return await slots.run(is_gone, number, job.respond)

    async def respond() -> Response:
        if desk.runs.is_there(key):
            held.close()
        return await desk.runs.attend(request, key, work, keeps=is_named(request))

    if not (job.form.stream or job.form.response_format in IN_JSON):
        await (await respond())(request.scope, request.receive, send)
        return
    medium = EVENTS if job.form.stream else JSON
    body = LiveBody(request, send, medium, service.limits.keepalive_seconds)

    async def stream() -> None:
        with held:
            await slots.run(
                request.is_disconnected, number, lambda observe: job.stream(body.put, observe)
            )

    await body.during(stream() if job.form.stream else respond())


def is_named(request: Request) -> bool:
    """Whether a client gave its request a name, under which it may ask again."""
    return "idempotency-key" in request.headers


def _key(request: Request, job: Job) -> str:
    """Return what tells this request from others."""
    named = request.headers.get("idempotency-key")
    about = owner_of(request), request.scope["path"], job.form, named
    return key_of(job.recording.source, *about)


async def _receive(
    service: Service, request: Request, parse_form: Parse, workspace: Path
) -> tuple[Job, str]:
    """Take a request in; return what it asks for, and its key."""
    limits = FormLimits(service.limits.max_upload_bytes, service.uploads.check_space)

    def take_in(form: ReceivedForm) -> tuple[Job, str]:
        job = _job(service, form, parse_form, workspace)
        service.jobs.manage.charge(owner_of(request), job.recording.source)
        return job, _key(request, job)

    return await read_form(request, workspace, limits, take_in)


def _job(service: Service, form: ReceivedForm, parse_form: Parse, workspace: Path) -> Job:
    fields = parse_form(form.fields)
    model = None if fields.model in OPENAI_MODELS else fields.model
    use_case = service.recognisers.transcribe(model)
    recording = _recording(fields, the_file(form).path)
    use_case.check(recording)
    recording = replace(recording, known=save_references(fields, workspace))
    return Job(fields, use_case, recording, workspace)


def _recording(form: TranscriptionForm, source: Path) -> TranscriptionRequest:
    return TranscriptionRequest(
        source,
        form.options,
        diarize=form.wants_speakers,
        hints=form.hints,
        speech=form.chunking_strategy.speech,
        padding=form.chunking_strategy.padding,
    )
