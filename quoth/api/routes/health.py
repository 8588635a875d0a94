"""`GET /health`: is it up, and what is it; and two short forms for those who only look after it."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from quoth import __version__
from quoth.api.service import Service
from quoth.domain.gpus import GpuMemory


class GpuHealth(BaseModel):
    """The card that is computed on: bytes it has, those that are free, those held by Quoth."""

    name: str
    memory_bytes: int
    free_bytes: int
    reserved_bytes: int
    peak_bytes: int


class Health(BaseModel):
    """What a server says of itself."""

    status: Literal["ok"]
    version: str
    engine: str
    model: str
    engine_choice: str
    asr_provider: str
    device: str
    gpu: GpuHealth | None
    ort_arena_extend_strategy: str | None
    diarizer: str
    parallel_diarization: bool
    loaded: bool
    warnings: list[str]


class Sign(BaseModel):
    """A sign of life."""

    status: Literal["ok"] = "ok"


NO_JOB = "0" * 32
"""An id that no job has."""


def router(service: Service, warnings: Callable[[], list[str]]) -> APIRouter:
    """Return the routes.

    Args:
        service: what the routes share.
        warnings: tells what works and is not as it should be.
    """
    routes = APIRouter(tags=["health"])

    @routes.get("/health")
    def health() -> Health:
        """Tell what this server is and whether its engine is in memory."""
        info, diarizer = service.recognisers.default, service.recognisers.diarizer
        return Health(
            status="ok",
            version=__version__,
            engine=info.engine,
            model=info.model,
            engine_choice=service.recognisers.engine_choice,
            asr_provider=info.provider,
            device=info.device,
            gpu=_gpu(service),
            ort_arena_extend_strategy=service.recognisers.arena_extend_strategy,
            diarizer=f"{diarizer.diarizer} ({diarizer.model})",
            parallel_diarization=service.recognisers.is_parallel,
            loaded=service.recognisers.is_loaded,
            warnings=warnings(),
        )

    @routes.get("/health/live")
    def live() -> Sign:
        """Tell that the process answers, whatever else is away: one that does not is restarted."""
        return Sign()

    @routes.get("/health/ready")
    def ready() -> Sign:
        """Tell that requests can be answered; 503 while the database of jobs cannot be used."""
        service.jobs.manage.store.get(NO_JOB)
        return Sign()

    return routes


def _gpu(service: Service) -> GpuHealth | None:
    card = service.recognisers.gpu
    if card is None:
        return None
    held = service.recognisers.gpu_memory or GpuMemory(0, 0)
    return GpuHealth(
        name=card.name,
        memory_bytes=card.memory_bytes,
        free_bytes=card.free_bytes,
        reserved_bytes=held.reserved_bytes,
        peak_bytes=held.peak_bytes,
    )
