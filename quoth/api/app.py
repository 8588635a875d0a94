"""The application: routes, error bodies, request ids."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quoth import __version__
from quoth.api import errors, metrics
from quoth.api.closing import Closing
from quoth.api.gate import AtTheEdge, Gate
from quoth.api.metrics import MeteredRequests
from quoth.api.openapi_access import with_access
from quoth.api.realtime.sessions import LiveSessions
from quoth.api.routes import (
    edits,
    health,
    jobs,
    keys,
    models,
    page,
    realtime,
    results,
    shares,
    tickets,
    transcriptions,
    uploads,
    whoami,
)
from quoth.api.security_headers import SecurityHeaders
from quoth.api.service import Service
from quoth.api.slots import Slots
from quoth.auth.access import Access
from quoth.auth.limits import Limits
from quoth.auth.tickets import Tickets
from quoth.domain.jobs import Job
from quoth.domain.transcript import Transcript
from quoth.ports.uploads import Uploads
from quoth.use_cases.manage_keys import ManageKeys

SWEEP_SECONDS = 600.0
EXPOSED = (
    "content-disposition",
    "etag",
    "location",
    "retry-after",
    "tus-resumable",
    "tus-version",
    "upload-expires",
    "upload-length",
    "upload-metadata",
    "upload-offset",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-request-id",
)
"""Headers of ours that pages of other sites, where they may ask at all, can read."""

log = logging.getLogger(__name__)


class RequestIds:
    """Gives every answer an `x-request-id`, which OpenAI's clients show in their errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("x-request-id", errors.new_request_id())
            await send(message)

        await self.app(scope, receive, send_with_id)


async def sweep_forever(uploads: Uploads, seconds: float = SWEEP_SECONDS) -> None:
    """Remove uploads that have expired, now and after every so many seconds."""
    while True:
        try:
            await run_in_threadpool(uploads.sweep)
        except OSError:
            log.exception("Expired uploads could not be removed; it is tried again")
        await asyncio.sleep(seconds)


def create_app(
    service: Service,
    access: Access | None = None,
    limits: Limits | None = None,
    edge_port: int | None = None,
    web: Path = page.WEB,
) -> FastAPI:
    """Return the application on a service.

    Args:
        service: what the routes share.
        access: who may do what; None for the own network alone.
        limits: how much whoever needs a key may ask for; None for any.
        edge_port: of the listener where everybody needs a key.
        web: folder of the built page, which need not be there.
    """
    access = access or Access()
    slots = Slots(service.limits.max_concurrent)
    live = LiveSessions(service.limits.live, service.jobs.telemetry.live)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(sweep_forever(service.uploads))
        yield
        sweeping.cancel()
        slots.close()
        live.close()

    app: FastAPI = FastAPIOffline(
        title="Quoth",
        version=__version__,
        summary="Audio in, who said what and when out.",
        lifespan=lifespan,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics has ours
    )
    closing = app.state.closing = Closing()
    errors.install(app)
    app.include_router(transcriptions.router(service, slots))
    app.include_router(uploads.router(service))
    app.include_router(jobs.router(service, closing))
    app.include_router(results.router(service))
    app.include_router(realtime.router(service, live))
    app.include_router(edits.router(service))
    app.include_router(_shares(service))
    used = service.jobs.manage.quotas
    app.include_router(keys.router(ManageKeys(access.keys, access.now), used))
    given = Tickets(service.jobs.tickets, access.keys, access.now)
    app.include_router(tickets.router(given))
    app.include_router(whoami.router())
    app.include_router(models.router(service))
    app.include_router(health.router(service, lambda: _warnings(access, limits)))
    app.include_router(metrics.router(service, slots))
    app.include_router(page.router(web))

    app.openapi = with_access(app.openapi)  # type: ignore[method-assign]
    app.add_middleware(Gate, access=access, limits=limits, note_use=used.note_use, tickets=given)
    _add_middleware(app, access.policy.names.origins, edge_port)
    app.add_middleware(MeteredRequests, meter=service.jobs.telemetry.requests)
    return app


def _add_middleware(app: FastAPI, origins: frozenset[str], edge_port: int | None) -> None:
    """Add what every request passes through before the gate, the innermost first."""
    app.add_middleware(AtTheEdge, port=edge_port)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestIds)


def _warnings(access: Access, limits: Limits | None) -> list[str]:
    """Return what is not as it should be; where things are is for the log, as anybody may ask."""
    found = []
    if access.keys.problem is not None:
        found.append("The file of keys cannot be used: those of before are good. The log says why.")
    if limits is not None and limits.counts.problem is not None:
        found.append("Redis cannot be reached: each process allows a share of each limit.")
    return found


def _shares(service: Service) -> APIRouter:
    jobs = service.jobs

    def shown(job: Job) -> Transcript:
        return jobs.edits.state(job).transcript

    return shares.router(jobs.shares, jobs.manage.files, shown)
