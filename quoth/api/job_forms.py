"""The form of a new job."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData, UploadFile

from quoth.api.forms import Count, language_code, nothing_if_empty
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import InvalidParameter
from quoth.domain.jobs import JobOptions

MOST_FILES = 20
Form = TypeVar("Form", bound=BaseModel)

LISTS = ("speaker_names", "upload_id")


def _items(value: object) -> object:
    """Take `["a", "b"]` as JSON, `a,b`, and repeated fields."""
    if not isinstance(value, list):
        return value
    items: list[str] = []
    for given in map(str, value):
        items += json.loads(given) if given.startswith("[") else given.split(",")
    return [item.strip() for item in items if item.strip()]


class Hinted(BaseModel):
    """What is known of the speakers."""

    model_config = ConfigDict(extra="ignore")

    num_speakers: Count = Field(None, description="The exact number of speakers.")
    min_speakers: Count = Field(None, description="At least so many speakers.")
    max_speakers: Count = Field(None, description="At most so many speakers.")
    speaker_names: Annotated[list[str], BeforeValidator(_items)] = Field(
        default_factory=list, description="Names in order of first appearance."
    )

    @property
    def hints(self) -> SpeakerHints:
        """What is known about the number of speakers.

        Raises:
            InvalidSpeakerHints: if it is impossible.
        """
        return SpeakerHints(self.num_speakers, self.min_speakers, self.max_speakers)


class JobForm(Hinted):
    """The fields beside the files."""

    upload_id: Annotated[list[str], BeforeValidator(_items)] = Field(
        default_factory=list, description="Finished uploads (`/v1/uploads`), instead of files."
    )
    name: Annotated[str | None, BeforeValidator(nothing_if_empty)] = Field(
        None, max_length=255, description="What to call the job; else the file's own name."
    )
    model: Annotated[str | None, BeforeValidator(nothing_if_empty)] = Field(
        None, description="A model of `GET /v1/models`; else the configured one."
    )
    language: Annotated[str | None, BeforeValidator(language_code)] = Field(
        None, description="ISO 639-1 code of what is spoken; detected if left out."
    )
    prompt: Annotated[str | None, BeforeValidator(nothing_if_empty)] = Field(
        None, description="Text in the style and spelling expected."
    )
    temperature: float = Field(0.0, ge=0.0, le=1.0)
    diarize: bool = Field(True, description="Tell speakers apart.")
    webhook_url: Annotated[str | None, BeforeValidator(nothing_if_empty)] = Field(
        None, description="Told by a signed POST when the job has ended."
    )

    @property
    def options(self) -> JobOptions:
        """How the recordings are transcribed.

        Raises:
            InvalidSpeakerHints: if the number of speakers is impossible.
        """
        return JobOptions(
            model=self.model,
            language=self.language,
            prompt=self.prompt,
            temperature=self.temperature,
            diarize=self.diarize,
            hints=self.hints,
            names=tuple(self.speaker_names),
            webhook_url=self.webhook_url,
        )


def parse_job_form(form: FormData) -> JobForm:
    """Read the fields of a form, under `name` and `name[]` alike.

    Raises:
        InvalidParameter: for a value that a field cannot have.
    """
    values: dict[str, Any] = {}
    for key, value in form.multi_items():
        name = key.removesuffix("[]")
        if not isinstance(value, UploadFile):
            values.setdefault(name, []).append(value)
    return validated(
        JobForm, {name: given if name in LISTS else given[-1] for name, given in values.items()}
    )


def validated(kind: type[Form], values: Mapping[str, Any]) -> Form:
    """Return values as a form.

    Raises:
        InvalidParameter: for the first that it cannot have.
    """
    try:
        return kind.model_validate(values)
    except (ValidationError, ValueError) as error:
        if not isinstance(error, ValidationError):
            raise InvalidParameter("speaker_names", "is not a list") from None
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "body"
        problem = first["msg"][0].lower() + first["msg"][1:]
        raise InvalidParameter(name, f"is not valid: {problem}") from None
