"""`/v1/realtime?intent=transcription`: live transcription over WebSocket."""

import time
import uuid
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from quoth.api.errors import answer_to
from quoth.api.gate import caller_of
from quoth.api.realtime.configuration import LIVE_MODELS, Configuration
from quoth.api.realtime.connection import LiveConnection
from quoth.api.realtime.sessions import LiveSessions
from quoth.api.service import Service
from quoth.domain.access_errors import KeyRequired
from quoth.domain.errors import InvalidParameter, QuothError
from quoth.domain.live_errors import UpgradeNeeded
from quoth.ports.live import SpeechMeter
from quoth.ports.transcriber import Transcriber
from quoth.use_cases.live_recording import Intake
from quoth.use_cases.live_session import LiveOptions, LiveSession


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A client that may be heard, how, and what with."""

    owner: str
    configuration: Configuration
    meter: SpeechMeter
    transcriber: Transcriber


def router(service: Service, sessions: LiveSessions) -> APIRouter:
    """Return the routes on a service."""
    routes = APIRouter(tags=["realtime"])

    def engine_for(model: str | None, options: LiveOptions) -> Transcriber:
        recognise = service.recognisers.transcribe(model).recognise
        recognise.check(options.recognition)
        return recognise.engine_for(options.recognition.language, options.recognition)

    def admit(connection: HTTPConnection) -> _Admitted:
        owner = caller_of(connection.scope).owner
        if owner is None:
            raise KeyRequired
        configuration = _configuration(connection)
        meter = service.recognisers.speech_meter
        transcriber = engine_for(configuration.model, configuration.live)
        return _Admitted(owner, configuration, meter, transcriber)

    @routes.websocket("/v1/realtime")
    async def realtime(websocket: WebSocket) -> None:
        """Transcribe what comes in; what is wrong with the request is answered as over HTTP."""
        try:
            admitted = await run_in_threadpool(admit, websocket)  # models are looked for on disk
            with sessions.place(admitted.owner):
                await _serve(websocket, admitted)
        except QuothError as error:
            await websocket.send_denial_response(answer_to(error))

    @routes.get("/v1/realtime", status_code=426)
    async def why_not(
        request: Request, intent: str | None = None, model: str | None = None
    ) -> Response:
        """Tell why a live session cannot be opened: a browser does not show what a socket is told.

        Where one could be, the answer is 426: this address wants a WebSocket.
        """
        del intent, model  # for the documentation: they are read from the request
        admitted = await run_in_threadpool(admit, request)
        sessions.check(admitted.owner)
        answer = answer_to(UpgradeNeeded())
        answer.headers["Upgrade"] = "websocket"
        return answer

    async def _serve(websocket: WebSocket, admitted: _Admitted) -> None:
        session = LiveSession(
            admitted.transcriber,
            admitted.meter,
            admitted.configuration.live,
            time.monotonic,
            told=sessions.meter.looks.observe,
        )
        intake = Intake(service.equipment, admitted.owner)
        await websocket.accept()
        connection = LiveConnection(
            websocket,
            sessions,
            session,
            intake=intake,
            configuration=admitted.configuration,
            engine_for=engine_for,
            name=f"sess_{uuid.uuid4().hex[:20]}",
        )
        ending = await connection.serve()
        sessions.meter.ended(ending.why)

    return routes


def _configuration(connection: HTTPConnection) -> Configuration:
    asked = connection.query_params
    if asked.get("intent", "transcription") != "transcription":
        raise InvalidParameter("intent", "has to be transcription: there is no other here")
    model = asked.get("model")
    session = Configuration(type="transcription")
    if model is not None and model not in LIVE_MODELS and not model.startswith("gpt-realtime"):
        session.audio.input.transcription.model = model
    return session
