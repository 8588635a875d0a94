"""`GET /v1/models`: what is installed, in OpenAI's form with what each engine can do."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from quoth.api.openai_models import OPENAI_MODELS
from quoth.api.service import Service
from quoth.domain.errors import UnknownModel
from quoth.ports.transcriber import EngineInfo

CREATED = 1_763_856_000
"""OpenAI wants a time of creation; ours says when this list got its form."""


class ModelDocument(BaseModel):
    """A model that can be asked for by name, in OpenAI's form, with what its engine can do."""

    id: str
    object: Literal["model"] = "model"
    created: int = CREATED
    owned_by: Literal["quoth"] = "quoth"
    engine: str
    model: str
    languages: list[str]
    has_word_times: bool
    has_confidence: bool
    has_language_detection: bool
    has_keywords: bool
    has_prompt: bool
    has_translation: bool
    has_streaming: bool


class ModelList(BaseModel):
    """The models that are installed, the configured one first."""

    object: Literal["list"] = "list"
    data: list[ModelDocument]


def router(service: Service) -> APIRouter:
    """Return the routes on a service."""
    routes = APIRouter(prefix="/v1/models", tags=["models"])

    @routes.get("")
    def list_models() -> ModelList:
        """List the models that can be asked for by name."""
        models = service.recognisers.installed()
        return ModelList(data=[_model(info.model, info) for info in models])

    @routes.get("/{model_id:path}")
    def get_model(model_id: str) -> ModelDocument:
        """Tell about one model; OpenAI's names mean the configured one."""
        if model_id in OPENAI_MODELS:
            return _model(model_id, service.recognisers.default)
        models = service.recognisers.installed()
        for info in models:
            if info.model == model_id:
                return _model(model_id, info)
        raise UnknownModel(model_id, tuple(info.model for info in models))

    return routes


def _model(model_id: str, info: EngineInfo) -> ModelDocument:
    return ModelDocument(
        id=model_id,
        engine=info.engine,
        model=info.model,
        languages=list(info.languages),
        has_word_times=info.has_word_times,
        has_confidence=info.has_confidence,
        has_language_detection=info.has_language_detection,
        has_keywords=info.has_keywords,
        has_prompt=info.has_prompt,
        has_translation=info.has_translation,
        has_streaming=info.has_streaming,
    )
