"""The form of a transcription request, as OpenAI's clients and curl users send it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData

from quoth.api.fields import FieldKinds, read_fields
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import InvalidParameter

ResponseFormat = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]
Granularity = Literal["word", "segment"]

UNSUPPORTED = (
    "languages",
    "keywords",
    "known_speaker_names",
    "known_speaker_references",
)
"""Fields of the contract that this version cannot honour: refused rather than ignored."""

KINDS = FieldKinds(lists=frozenset({"timestamp_granularities", "include"}))

STREAMED = frozenset({"json", "text", "diarized_json"})
"""Formats whose content fits into the contract's events."""


def _language(value: object) -> object:
    """Take `en-GB` for `en`."""
    if not isinstance(value, str):
        return value
    return value.strip().lower().replace("_", "-").split("-")[0]


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class TranscriptionForm(BaseModel):
    """The fields beside the file."""

    model_config = ConfigDict(extra="ignore")

    model: str | None = Field(
        None, description="A model of `GET /v1/models`; OpenAI's names mean the configured one."
    )
    language: Annotated[str | None, BeforeValidator(_language)] = Field(
        None, description="ISO 639-1 code of what is spoken; detected if left out."
    )
    prompt: str | None = Field(None, description="Text in the style and spelling expected.")
    response_format: Annotated[ResponseFormat, BeforeValidator(_lower)] = "json"
    temperature: float = Field(0.0, ge=0.0, le=1.0)
    timestamp_granularities: list[Granularity] = Field(
        default_factory=lambda: list[Granularity](("segment",)),
        description="For `verbose_json`; `name[]` works, too.",
    )
    stream: bool = Field(
        False,
        description="Answer with server-sent events, the first words while the rest is still "
        "being recognised; for `json`, `text` and `diarized_json`.",
    )
    include: list[Literal["logprobs"]] = Field(
        default_factory=list[Literal["logprobs"]],
        description="`logprobs` adds how sure the engine was of each word; for `json`. The tokens "
        "are words.",
    )
    diarize: bool | None = Field(
        None,
        description="Tell speakers apart; by default for `diarized_json` and with speaker counts.",
    )
    num_speakers: int | None = Field(None, description="The exact number of speakers.")
    min_speakers: int | None = Field(None, description="At least so many speakers.")
    max_speakers: int | None = Field(None, description="At most so many speakers.")

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

    @property
    def has_logprobs(self) -> bool:
        """Whether to say how sure the engine was."""
        return "logprobs" in self.include


def parse(form: FormData) -> TranscriptionForm:
    """Read the fields of a form, under `name` and `name[]` alike.

    Raises:
        InvalidParameter: for a value that a field cannot have, fields that contradict one another,
            or one that is not supported.
    """
    values = read_fields(form, KINDS)
    _refuse_unsupported(values)
    try:
        fields = TranscriptionForm.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        problem = first["msg"][0].lower() + first["msg"][1:]
        raise InvalidParameter(name, f"is not valid: {problem}") from None
    _check_together(fields)
    return fields


def _check_together(fields: TranscriptionForm) -> None:
    if fields.diarize is False and fields.response_format == "diarized_json":
        raise InvalidParameter("diarize", "cannot be false with diarized_json")
    if fields.stream and fields.response_format not in STREAMED:
        raise InvalidParameter(
            "stream",
            f"cannot be true with {fields.response_format}, which events cannot carry: ask for "
            "json, text or diarized_json",
        )
    if fields.include and fields.response_format != "json":
        raise InvalidParameter(
            "include", f"can be logprobs with json only, not with {fields.response_format}"
        )


def _refuse_unsupported(values: dict[str, Any]) -> None:
    for name in UNSUPPORTED:
        if values.get(name, "false") not in {"false", "[]"}:
            raise InvalidParameter(name, "is not supported by this version of Quoth; leave it out")
