"""The form of a transcription request, as OpenAI's clients and curl users send it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData, UploadFile

from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import InvalidParameter

ResponseFormat = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]
Granularity = Literal["word", "segment"]

UNSUPPORTED = (
    "stream",
    "include",
    "languages",
    "keywords",
    "known_speaker_names",
    "known_speaker_references",
)
"""Fields of the contract that this version cannot honour: refused rather than ignored."""


def language_code(value: object) -> object:
    """Take `en-GB` for `en`, and nothing for an empty field."""
    if not isinstance(value, str):
        return value
    return value.strip().lower().replace("_", "-").split("-")[0] or None


def nothing_if_empty(value: object) -> object:
    """Take an empty field for one that was not sent."""
    return None if value == "" else value


Count = Annotated[int | None, BeforeValidator(nothing_if_empty)]


class TranscriptionForm(BaseModel):
    """The fields beside the file."""

    model_config = ConfigDict(extra="ignore")

    model: Annotated[str | None, BeforeValidator(nothing_if_empty)] = Field(
        None, description="A model of `GET /v1/models`; OpenAI's names mean the configured one."
    )
    language: Annotated[str | None, BeforeValidator(language_code)] = Field(
        None, description="ISO 639-1 code of what is spoken; detected if left out."
    )
    prompt: Annotated[str | None, BeforeValidator(nothing_if_empty)] = Field(
        None, description="Text in the style and spelling expected."
    )
    response_format: ResponseFormat = "json"
    temperature: float = Field(0.0, ge=0.0, le=1.0)
    timestamp_granularities: list[Granularity] = Field(
        default_factory=lambda: list[Granularity](("segment",)),
        description="For `verbose_json`; `name[]` works, too.",
    )
    diarize: Annotated[bool | None, BeforeValidator(nothing_if_empty)] = Field(
        None,
        description="Tell speakers apart; by default for `diarized_json` and with speaker counts.",
    )
    num_speakers: Count = Field(None, description="The exact number of speakers.")
    min_speakers: Count = Field(None, description="At least so many speakers.")
    max_speakers: Count = Field(None, description="At most so many speakers.")

    @property
    def hints(self) -> SpeakerHints:
        """What is known about the number of speakers.

        Raises:
            InvalidSpeakerHints: if it is impossible.
        """
        return SpeakerHints(self.num_speakers, self.min_speakers, self.max_speakers)

    @property
    def wants_speakers(self) -> bool:
        """Whether to tell speakers apart."""
        if self.diarize is not None:
            return self.diarize
        return self.response_format == "diarized_json" or self.hints != SpeakerHints()


def parse(form: FormData) -> TranscriptionForm:
    """Read the fields of a form, under `name` and `name[]` alike.

    Raises:
        InvalidParameter: for a value that a field cannot have, or a field that is not supported.
    """
    values: dict[str, Any] = {}
    for key, value in form.multi_items():
        name = key.removesuffix("[]").split("[")[0]
        if isinstance(value, UploadFile) or name == "file":
            continue
        values.setdefault(name, []).append(value)
    _refuse_unsupported(values)
    lists = {"timestamp_granularities"}
    plain = {name: given if name in lists else given[-1] for name, given in values.items()}
    if "timestamp_granularities" in plain:
        plain["timestamp_granularities"] = _items(plain["timestamp_granularities"])
    try:
        fields = TranscriptionForm.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        problem = first["msg"][0].lower() + first["msg"][1:]
        raise InvalidParameter(name, f"is not valid: {problem}") from None
    if fields.diarize is False and fields.response_format == "diarized_json":
        raise InvalidParameter("diarize", "cannot be false with diarized_json")
    return fields


def _items(given: list[str]) -> list[str]:
    """Take `a`, `a,b` and `["a", "b"]` apart."""
    text = ",".join(given)
    return [item.strip(" \"'[]") for item in text.split(",") if item.strip(" \"'[]")]


def _refuse_unsupported(values: Mapping[str, list[str]]) -> None:
    for name in UNSUPPORTED:
        if any(value not in ("", "false", "[]") for value in values.get(name, [])):
            raise InvalidParameter(name, "is not supported by this version of Quoth; leave it out")
