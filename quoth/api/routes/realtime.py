"""`/v1/realtime?intent=transcription`: live transcription over WebSocket."""

import time
import uuid

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from quoth.api.errors import answer_to
from quoth.api.gate import caller_of
from quoth.api.realtime.configuration import LIVE_MODELS, Configuration
from quoth.api.realtime.connection import LiveConnection
from quoth.api.realtime.sessions import LiveSessions
from quoth.api.service import Service
from quoth.domain.access_errors import KeyRequired
from quoth.domain.errors import InvalidParameter, QuothError
from quoth.ports.transcriber import Transcriber
from quoth.use_cases.live_recording import Intake
from quoth.use_cases.live_session import LiveOptions, LiveSession


def router(service: Service, sessions: LiveSessions) -> APIRouter:
    """Return the route on a service."""
    routes = APIRouter()

    def engine_for(model: str | None, options: LiveOptions) -> Transcriber:
        recognise = service.recognisers.transcribe(model).recognise
        recognise.check(options.recognition)
        return recognise.engine_for(options.recognition.language, options.recognition)

    @routes.websocket("/v1/realtime")
    async def realtime(websocket: WebSocket) -> None:
        """Transcribe what comes in; what is wrong with the request is answered as over HTTP."""
        owner = caller_of(websocket.scope).owner
        try:
            if owner is None:
                raise KeyRequired
            configuration = _configuration(websocket)
            transcriber = await run_in_threadpool(  # it may look for models on disk
                engine_for, configuration.model, configuration.live
            )
            with sessions.place():
                await _serve(websocket, owner, configuration, transcriber)
        except QuothError as error:
            await websocket.send_denial_response(answer_to(error))

    async def _serve(
        websocket: WebSocket, owner: str, configuration: Configuration, transcriber: Transcriber
    ) -> None:
        with service.workspace() as folder:
            meter = service.recognisers.speech_meter
            told = sessions.meter.looks.observe
            options = configuration.live
            session = LiveSession(transcriber, meter, options, time.monotonic, told=told)
            intake = Intake(service.equipment, owner, folder)
            await websocket.accept()
            name = f"sess_{uuid.uuid4().hex[:20]}"
            connection = LiveConnection(
                websocket,
                sessions,
                session,
                intake=intake,
                configuration=configuration,
                engine_for=engine_for,
                name=name,
            )
            ending = await connection.serve()
            sessions.meter.ended(ending.why)

    return routes


def _configuration(websocket: WebSocket) -> Configuration:
    asked = websocket.query_params
    if asked.get("intent", "transcription") != "transcription":
        raise InvalidParameter("intent", "has to be transcription: there is no other here")
    model = asked.get("model")
    session = Configuration(type="transcription")
    if model is not None and model not in LIVE_MODELS and not model.startswith("gpt-realtime"):
        session.audio.input.transcription.model = model
    return session
