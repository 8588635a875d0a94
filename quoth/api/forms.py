"""The form of a transcription request, as OpenAI's clients and curl users send it."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData

from quoth.api.chunking import ChunkingStrategy, from_name
from quoth.api.fields import FieldKinds, read_fields
from quoth.api.references import KnownSpeakersForm, check_together
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import InvalidParameter
from quoth.formats import openai
from quoth.ports.transcriber import TranscriptionOptions

_Model = TypeVar("_Model", bound=BaseModel)
ResponseFormat = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]
Granularity = Literal["word", "segment"]

KINDS = FieldKinds(
    lists=frozenset({"timestamp_granularities", "include", "languages"}),
    texts=frozenset({"keywords", "known_speaker_names", "known_speaker_references"}),
    objects=frozenset({"chunking_strategy"}),
)

STREAMED = frozenset({"json", "text", "diarized_json"})
"""Formats whose content fits into the contract's events."""


def language_code(value: object) -> object:
    """Take `en-GB` for `en`, and `auto` for a language that is to be detected."""
    if not isinstance(value, str):
        return value
    code = value.strip().lower().replace("_", "-").split("-")[0]
    return None if code == "auto" else code


def lower(value: object) -> object:
    """Take a name in capitals for the name."""
    return value.strip().lower() if isinstance(value, str) else value


class TranscriptionForm(KnownSpeakersForm):
    """The fields beside the file."""

    model_config = ConfigDict(extra="ignore")

    model: str | None = Field(
        None, description="A model of `GET /v1/models`; OpenAI's names mean the configured one."
    )
    language: Annotated[str | None, BeforeValidator(language_code)] = Field(
        None, description="ISO 639-1 code of what is spoken; detected if left out."
    )
    languages: list[Annotated[str, BeforeValidator(language_code)]] = Field(
        default_factory=list[str],
        description="Languages it can only be, ISO 639-1; it is detected among them.",
    )
    chunking_strategy: Annotated[ChunkingStrategy, BeforeValidator(from_name)] = Field(
        ChunkingStrategy(type="auto"),
        description="`auto`, or an object (as JSON, or as `chunking_strategy[type]`, ...) with the "
        "type `server_vad` and what to take for speech.",
    )
    prompt: str | None = Field(None, description="Text in the style and spelling expected.")
    keywords: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list[str],
        max_length=100,
        description="Words and phrases to expect; an engine that takes none says so in `warnings`.",
    )
    response_format: Annotated[ResponseFormat, BeforeValidator(lower)] = "json"
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
        description="Tell speakers apart; by default for `diarized_json`, with speaker counts and "
        "with known speakers.",
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
        is_about_speakers = bool(self.known_speaker_names) or self.hints != SpeakerHints()
        return is_about_speakers or self.response_format == "diarized_json"

    @property
    def task(self) -> openai.Task:
        """What the answer says was done."""
        return "transcribe"

    @property
    def options(self) -> TranscriptionOptions:
        """How to recognise."""
        languages = tuple(dict.fromkeys(self.languages))
        language = self.language or (languages[0] if len(languages) == 1 else None)
        candidates = () if language else languages
        return TranscriptionOptions(
            language,
            self.prompt,
            self.temperature,
            candidates=candidates,
            keywords=tuple(self.keywords),
        )

    @property
    def has_logprobs(self) -> bool:
        """Whether to say how sure the engine was."""
        return "logprobs" in self.include


def parse(form: FormData) -> TranscriptionForm:
    """Read the fields of a form, under `name` and `name[]` alike.

    Raises:
        InvalidParameter: for a value that a field cannot have, or fields that contradict one
            another.
    """
    fields = validated(TranscriptionForm, read_fields(form, KINDS))
    _check_together(fields)
    return fields


def validated(model: type[_Model], values: dict[str, object]) -> _Model:
    """Return fields as a model of them.

    Raises:
        InvalidParameter: for the first value that a field cannot have.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name, *inside = map(str, first["loc"])
        problem = first["msg"][0].lower() + first["msg"][1:]
        where = f"{inside[0]}: " if inside and not inside[0].isdigit() else ""
        raise InvalidParameter(name, f"is not valid: {where}{problem}") from None


def _check_together(fields: TranscriptionForm) -> None:
    if fields.diarize is False and fields.response_format == "diarized_json":
        raise InvalidParameter("diarize", "cannot be false with diarized_json")
    check_together(fields)
    if fields.stream and fields.response_format not in STREAMED:
        raise InvalidParameter(
            "stream",
            f"cannot be true with {fields.response_format}, which events cannot carry: ask for "
            "json, text or diarized_json",
        )
    if fields.language and fields.languages and fields.language not in fields.languages:
        raise InvalidParameter("languages", f"does not have the language {fields.language!r}")
    if fields.include and fields.response_format != "json":
        raise InvalidParameter(
            "include", f"can be logprobs with json only, not with {fields.response_format}"
        )
