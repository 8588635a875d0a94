"""`GET /metrics`, for Prometheus, and the middleware that counts requests for it."""

import time
from collections.abc import Iterator
from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quoth import __version__
from quoth.api.service import Service
from quoth.api.slots import Slots
from quoth.domain.gpus import GpuMemory
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.telemetry.requests import RequestMeter

CLIENT_CLOSED_REQUEST = 499
HTTP_SERVER_ERROR = 500


class MeteredRequests:
    """Counts and times requests, by the template of their route and never by their path."""

    def __init__(self, app: ASGIApp, meter: RequestMeter) -> None:
        self.app = app
        self.meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        meter, began = self.meter, time.perf_counter()
        status, is_coming = CLIENT_CLOSED_REQUEST, False

        async def receive_counted() -> Message:
            nonlocal is_coming
            message = await receive()
            if message["type"] == "http.request":
                meter.received.inc(len(message.get("body", b"")))
            if is_coming != message.get("more_body", False):
                is_coming = not is_coming
                meter.uploads.inc(1 if is_coming else -1)
            return message

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        meter.in_progress.inc()
        try:
            await self.app(scope, receive_counted, send_noted)
        except Exception:
            status = HTTP_SERVER_ERROR  # whoever is outside of this answers it so
            raise
        finally:
            meter.in_progress.dec()
            if is_coming:
                meter.uploads.dec()
            route = getattr(scope.get("route"), "path", None)
            meter.answered(scope["method"], route, status, time.perf_counter() - began)


class ServiceGauges(Collector):
    """What a server is and has at the moment it is asked."""

    def __init__(self, service: Service, slots: Slots) -> None:
        self._service = service
        self._slots = slots

    def describe(self) -> Iterator[Metric]:
        """Name nothing: to be registered is no reason to ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Look at everything; where the database is away, at what needs none."""
        shared: list[Metric] = []
        with suppress(DatabaseUnavailable):
            shared = [*self._backlog(), *self._recognisers()]
        yield GaugeMetricFamily(
            "quoth_database_up", "1 while the database of jobs answers.", float(bool(shared))
        )
        yield from shared
        yield self._places()
        yield from self._gpu()

    def _recognisers(self) -> Iterator[Metric]:
        recognisers = self._service.recognisers
        info = recognisers.default
        yield InfoMetricFamily(
            "quoth_build",
            "What this server is.",
            {
                "version": __version__,
                "engine": info.engine,
                "model": info.model,
                "device": info.device,
            },
        )
        yield GaugeMetricFamily(
            "quoth_engine_loaded",
            "1 while the inference process of the configured model is there.",
            float(recognisers.is_loaded),
        )

    def _backlog(self) -> Iterator[Metric]:
        load = self._service.jobs.manage.store.load()
        jobs = GaugeMetricFamily("quoth_queue_jobs", "Jobs not done yet.", labels=["status"])
        jobs.add_metric(["queued"], load.queued)
        jobs.add_metric(["running"], load.running)
        yield jobs
        yield GaugeMetricFamily(
            "quoth_queue_audio_seconds", "Seconds of audio that are left to do.", load.seconds
        )

    def _places(self) -> Metric:
        places = GaugeMetricFamily(
            "quoth_synchronous_places",
            "Places for transcriptions that are answered at once.",
            labels=["state"],
        )
        places.add_metric(["taken"], self._slots.taken)
        places.add_metric(["free"], self._slots.free)
        return places

    def _gpu(self) -> Iterator[Metric]:
        card = self._service.recognisers.gpu
        if card is None:
            return
        held = self._service.recognisers.gpu_memory or GpuMemory(0, 0)
        memory = GaugeMetricFamily(
            "quoth_gpu_memory_bytes",
            "The card's memory: all, free, and held by the inference process now and at most.",
            labels=["kind"],
        )
        memory.add_metric(["total"], card.memory_bytes)
        memory.add_metric(["free"], card.free_bytes)
        memory.add_metric(["reserved"], held.reserved_bytes)
        memory.add_metric(["peak"], held.peak_bytes)
        yield memory


def router(service: Service, slots: Slots) -> APIRouter:
    """Return the route on a service."""
    routes = APIRouter(tags=["health"])
    telemetry = service.jobs.telemetry
    telemetry.watch(ServiceGauges(service, slots))

    @routes.get("/metrics", response_class=Response)
    def metrics(request: Request) -> Response:
        """Tell numbers in Prometheus's text format."""
        content, media_type = telemetry.render(request.headers.get("accept", ""))
        return Response(content, media_type=media_type)

    return routes
