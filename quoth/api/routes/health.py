"""`GET /health`: is it up, and what is it."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from quoth import __version__
from quoth.api.service import Service


class Health(BaseModel):
    """What a server says of itself."""

    status: Literal["ok"]
    version: str
    engine: str
    model: str
    engine_choice: str
    asr_provider: str
    device: str
    diarizer: str
    loaded: bool


def router(service: Service) -> APIRouter:
    """Return the route on a service."""
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
            diarizer=f"{diarizer.diarizer} ({diarizer.model})",
            loaded=service.recognisers.is_loaded,
        )

    return routes
