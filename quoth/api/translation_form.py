"""The form of a translation request: a few fields of a transcription's."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.datastructures import FormData

from quoth.api.fields import read_fields
from quoth.api.forms import KINDS, TranscriptionForm, language_code, lower, validated
from quoth.formats import openai
from quoth.ports.transcriber import TranscriptionOptions


class TranslationForm(BaseModel):
    """The fields beside the file."""

    model_config = ConfigDict(extra="ignore")

    model: str | None = Field(
        None, description="A model of `GET /v1/models`; OpenAI's names mean the configured one."
    )
    language: Annotated[str | None, BeforeValidator(language_code)] = Field(
        None, description="ISO 639-1 code of what is spoken; detected if left out."
    )
    prompt: str | None = Field(None, description="English text in the style expected.")
    response_format: Annotated[
        Literal["json", "text", "srt", "vtt", "verbose_json"], BeforeValidator(lower)
    ] = "json"
    temperature: float = Field(0.0, ge=0.0, le=1.0)


class _Translation(TranscriptionForm):
    @property
    def task(self) -> openai.Task:
        return "translate"

    @property
    def options(self) -> TranscriptionOptions:
        return replace(super().options, is_translated=True)


def parse_translation(form: FormData) -> TranscriptionForm:
    """Read the fields of a form, and return them as those of a transcription into English.

    Raises:
        InvalidParameter: for a value that a field cannot have.
    """
    fields = validated(TranslationForm, read_fields(form, KINDS))
    return _Translation.model_validate(fields.model_dump())
