"""One live session over one WebSocket.

Three tasks share it: one reads what the client sends, one recognises, one writes. What waits to be
written is bounded, so a client that does not read stops the others; what waits for the engine is
bounded, so a client that floods is read no faster than it is heard.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from quoth.api.realtime.client_events import (
    Append,
    ClientEvent,
    Commit,
    Finish,
    Message,
    Update,
    read_message,
)
from quoth.api.realtime.configuration import Configuration, changed
from quoth.api.realtime.outbox import FAILED, NORMAL, POLICY, Ending, Outbox
from quoth.api.realtime.sessions import LiveSessions
from quoth.domain.access_errors import QuotaExceeded
from quoth.domain.errors import Cancelled, InvalidParameter, QuothError
from quoth.domain.live_errors import LiveSessionIdle, LiveSessionTooLong
from quoth.ports.transcriber import Transcriber
from quoth.use_cases.live_recording import Intake
from quoth.use_cases.live_session import LiveOptions, LiveSession

POLL_SECONDS = 0.1
LAST_WORDS_SECONDS = 60.0
"""In which what was said last is recognised when a session ends in order."""
PATIENCE_SECONDS = 5.0
"""In which a look may end by itself when its client is gone."""

log = logging.getLogger(__name__)

EngineFor = Callable[[str | None, LiveOptions], Transcriber]
"""Gives the engine for a model and options; raises what is wrong with them."""


class LiveConnection:
    """A live session of one client.

    Args:
        websocket: accepted.
        sessions: those of the server.
        session: hears and recognises.
        intake: takes the sound in.
        configuration: what is in force at the beginning.
        engine_for: gives engines.
        name: of the session.
    """

    def __init__(
        self,
        websocket: WebSocket,
        sessions: LiveSessions,
        session: LiveSession,
        *,
        intake: Intake,
        configuration: Configuration,
        engine_for: EngineFor,
        name: str,
    ) -> None:
        self._websocket = websocket
        self._sessions = sessions
        self._session = session
        self._intake = intake
        self._configuration = configuration
        self._engine_for = engine_for
        self._name = name
        self._named = f"Live {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        self._out = Outbox(websocket, sessions.limits.slow_seconds)
        self._heard = asyncio.Event()
        self._recognised = asyncio.Event()
        self._began = time.monotonic()
        self._given_up: float | None = None

    async def serve(self) -> Ending:
        """Serve until either end has had enough; everything is given back then."""
        await self._out.tell("session.created", session=self._shown())
        writing = asyncio.create_task(self._out.write())
        recognising = asyncio.create_task(self._recognise())
        reading = asyncio.create_task(self._read())
        tasks = {writing, recognising, reading}
        ending = Ending("failed", FAILED)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            ending = _ending(reading, writing, recognising)
            reading.cancel()
            await asyncio.wait({reading})  # what it does in a thread is done then
            if not writing.done() and ending.why != "left":
                await self._last_words(recognising)
                await self._keep(is_there=True)
                with suppress(TimeoutError):
                    await self._out.empty()
        finally:
            self._given_up = time.monotonic()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self._keep(is_there=False)
            await self._close(ending)
        return ending

    # --- what the client sends ---

    async def _read(self) -> Ending:
        while True:
            try:
                text = await self._receive()
            except LiveSessionTooLong as error:
                await self._out.tell_error(error)
                return Ending("too_long")
            except LiveSessionIdle as error:
                await self._out.tell_error(error)
                return Ending("idle", POLICY)
            except WebSocketDisconnect:
                return Ending("left")
            message: Message | None = None
            try:
                message = read_message(text)
                asked = message.event()
                if isinstance(asked, Finish):
                    return Ending("finished")
                await self._do(asked)
            except QuotaExceeded as error:
                await self._out.tell_error(error, message.id if message else None)
                return Ending("refused", POLICY)
            except QuothError as error:
                await self._out.tell_error(error, message.id if message else None)

    async def _receive(self) -> str | None:
        """Return the text of the next frame, None where it is none of text."""
        limits = self._sessions.limits
        left = limits.max_seconds - (time.monotonic() - self._began)
        if left <= 0 or self._intake.seconds >= limits.max_seconds:
            raise LiveSessionTooLong(limits.max_seconds)
        try:
            received = await asyncio.wait_for(
                self._websocket.receive(), min(left, limits.idle_seconds)
            )
        except TimeoutError:
            if left <= limits.idle_seconds:
                raise LiveSessionTooLong(limits.max_seconds) from None
            raise LiveSessionIdle(limits.idle_seconds) from None
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code") or NORMAL)
        text: str | None = received.get("text")
        return text

    async def _do(self, asked: ClientEvent) -> None:
        run = self._sessions.run
        if isinstance(asked, Update):
            await run(self._update, asked.session)
            await self._out.tell("session.updated", session=self._shown())
        elif isinstance(asked, Append):
            while not self._session.has_room:
                self._recognised.clear()
                await self._recognised.wait()
            self._sessions.meter.audio.inc(await run(self._append, asked.pcm))
        elif isinstance(asked, Commit):
            await run(self._session.commit)
        else:
            await run(self._session.clear)
        self._heard.set()
        await self._out.tell_all(self._session.take_events(), self._configuration)

    def _append(self, pcm: bytes) -> float:
        before = self._intake.seconds
        rate = self._configuration.audio.input.format.rate
        self._session.hear(self._intake.take(pcm, rate))
        return self._intake.seconds - before

    def _update(self, update: Mapping[str, Any]) -> None:
        found = changed(self._configuration, update)
        now, new = self._configuration.audio.input.format, found.audio.input.format
        if self._intake.has_begun and now != new:
            raise InvalidParameter(
                "session.audio.input.format", "cannot change once audio has come in"
            )
        if found.quoth.keep and not self._configuration.quoth.keep:
            if self._intake.has_begun:
                raise InvalidParameter("session.quoth.keep", "has to be said before any audio")
            self._intake.equipment.manage.admit(self._intake.owner)
        self._session.change(self._engine_for(found.model, found.live), found.live)
        self._configuration = found
        if found.quoth.keep:
            self._intake.plan(found.quoth.name or self._named, found.job)
        else:
            self._intake.forget()

    # --- what the engine does ---

    async def _recognise(self) -> None:
        while True:
            self._heard.clear()
            while self._session.is_due:
                await self._sessions.run(self._session.recognise, self._watch)
                self._recognised.set()
                await self._out.tell_all(self._session.take_events(), self._configuration)
            await self._heard.wait()

    def _watch(self, _fraction: float) -> None:
        """Let a look end by itself, for the engine's sake, but not for ever."""
        if self._given_up is not None and time.monotonic() - self._given_up > PATIENCE_SECONDS:
            raise Cancelled

    def _shown(self) -> dict[str, Any]:
        return {
            "id": self._name,
            "object": "realtime.transcription_session",
            "expires_at": int(time.time() + self._sessions.limits.max_seconds),
            **self._configuration.model_dump(),
        }

    # --- the end ---

    async def _last_words(self, recognising: "asyncio.Task[None]") -> None:
        """Recognise what was said last, and tell it."""
        if (rest := await self._sessions.run(self._intake.rest)) is not None:
            with suppress(QuothError):
                await self._sessions.run(self._session.hear, rest)
        self._session.finish()
        self._heard.set()
        deadline = time.monotonic() + LAST_WORDS_SECONDS
        while not self._session.is_done and time.monotonic() < deadline and not recognising.done():
            self._recognised.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._recognised.wait(), POLL_SECONDS)
        await self._out.tell_all(self._session.take_events(), self._configuration)

    async def _keep(self, *, is_there: bool) -> None:
        """Make a job of the recording if that was asked for, and tell which."""
        if self._sessions.is_closed:  # it lies where the next start of the server finds it
            return
        try:
            job = await self._sessions.run(self._intake.keep)
        except QuothError as error:
            log.exception("A live recording could not be kept")
            if is_there:
                await self._out.tell_error(error)
            return
        if job is not None and is_there:
            await self._out.tell("quoth.job.created", job_id=job.id)

    async def _close(self, ending: Ending) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                await asyncio.wait_for(self._websocket.close(ending.code), POLL_SECONDS * 10)


def _ending(
    reading: "asyncio.Task[Ending]", writing: "asyncio.Task[Ending]", *others: "asyncio.Task[None]"
) -> Ending:
    """Return how the first task to end did."""
    for task in (reading, writing):
        if task.done() and task.exception() is None:
            return task.result()
    for failed in (reading, writing, *others):
        if failed.done() and (error := failed.exception()) is not None:
            log.error("a bug in a live session", exc_info=error)
    return Ending("failed", FAILED)
