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
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quoth import __version__
from quoth.api import errors, metrics
from quoth.api.closing import Closing
from quoth.api.metrics import MeteredRequests
from quoth.api.origins import LOOPBACK_NAMES, OriginGuard
from quoth.api.routes import (
    edits,
    health,
    jobs,
    models,
    page,
    results,
    shares,
    transcriptions,
    uploads,
)
from quoth.api.service import Service
from quoth.api.slots import Slots
from quoth.domain.jobs import Job
from quoth.domain.transcript import Transcript
from quoth.ports.uploads import Uploads

SWEEP_SECONDS = 600.0

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
    service: Service, hosts: frozenset[str] | None = LOOPBACK_NAMES, web: Path = page.WEB
) -> FastAPI:
    """Return the application on a service.

    Args:
        service: what the routes share.
        hosts: names the server answers to; None for any.
        web: folder of the built page, which need not be there.
    """
    slots = Slots(service.limits.max_concurrent)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(sweep_forever(service.uploads))
        yield
        sweeping.cancel()
        slots.close()

    app: FastAPI = FastAPIOffline(
        title="Quoth",
        version=__version__,
        summary="Audio in, who said what and when out.",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    closing = app.state.closing = Closing()
    errors.install(app)
    app.include_router(transcriptions.router(service, slots))
    app.include_router(uploads.router(service))
    app.include_router(jobs.router(service, closing))
    app.include_router(results.router(service))
    app.include_router(edits.router(service))
    app.include_router(_shares(service))
    app.include_router(models.router(service))
    app.include_router(health.router(service))
    app.include_router(metrics.router(service, slots))
    app.include_router(page.router(web))

    app.add_middleware(OriginGuard, hosts=hosts)
    app.add_middleware(RequestIds)
    app.add_middleware(MeteredRequests, meter=service.jobs.telemetry.requests)
    return app


def _shares(service: Service) -> APIRouter:
    jobs = service.jobs

    def shown(job: Job) -> Transcript:
        return jobs.edits.state(job).transcript

    return shares.router(jobs.shares, jobs.manage.files, shown)
