"""The form of a new job."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.datastructures import FormData

from quoth.api.fields import FieldKinds, read_fields
from quoth.api.forms import language_code, validated
from quoth.api.references import KnownSpeakersForm, check_together
from quoth.domain.diarization import SpeakerHints
from quoth.domain.jobs import JobOptions

MOST_FILES = 20
KINDS = FieldKinds(
    lists=frozenset({"languages", "speaker_names", "upload_id"}),
    texts=frozenset({"keywords", "known_speaker_names", "known_speaker_references"}),
)


class Hinted(BaseModel):
    """What is known of the speakers."""

    model_config = ConfigDict(extra="ignore")

    num_speakers: int | None = Field(default=None, description="The exact number of speakers.")
    min_speakers: int | None = Field(default=None, description="At least so many speakers.")
    max_speakers: int | None = Field(default=None, description="At most so many speakers.")
    speaker_names: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list[str], description="Names in order of first appearance."
    )

    @property
    def hints(self) -> SpeakerHints:
        """What is known about the number of speakers.

        Raises:
            InvalidSpeakerHints: if it is impossible.
        """
        return SpeakerHints(self.num_speakers, self.min_speakers, self.max_speakers)


class JobForm(Hinted, KnownSpeakersForm):
    """The fields beside the files."""

    upload_id: list[str] = Field(
        default_factory=list[str],
        description="Finished uploads (`/v1/uploads`), instead of files.",
    )
    name: str | None = Field(
        None, max_length=255, description="What to call the job; else the file's own name."
    )
    model: str | None = Field(
        None, description="A model of `GET /v1/models`; else the configured one."
    )
    language: Annotated[str | None, BeforeValidator(language_code)] = Field(
        None, description="ISO 639-1 code of what is spoken; detected if left out."
    )
    languages: list[Annotated[str, BeforeValidator(language_code)]] = Field(
        default_factory=list[str],
        description="Languages it can only be, ISO 639-1; it is detected among them.",
    )
    prompt: str | None = Field(None, description="Text in the style and spelling expected.")
    keywords: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list[str], max_length=100, description="Words and phrases to expect."
    )
    translate: bool = Field(False, description="Write English whatever is spoken.")
    temperature: float = Field(0.0, ge=0.0, le=1.0)
    diarize: bool = Field(True, description="Tell speakers apart.")
    webhook_url: str | None = Field(
        None, max_length=2000, description="Told by a signed POST when the job has ended."
    )

    @property
    def options(self) -> JobOptions:
        """How the recordings are transcribed.

        Raises:
            InvalidSpeakerHints: if the number of speakers is impossible.
        """
        languages = tuple(dict.fromkeys(self.languages))
        language = self.language or (languages[0] if len(languages) == 1 else None)
        return JobOptions(
            model=self.model,
            language=language,
            candidates=() if language else languages,
            prompt=self.prompt,
            keywords=tuple(self.keywords),
            is_translated=self.translate,
            temperature=self.temperature,
            diarize=self.diarize,
            hints=self.hints,
            names=tuple(self.speaker_names),
            webhook_url=self.webhook_url,
        )


def parse_job_form(form: FormData) -> JobForm:
    """Read the fields of a form, under `name` and `name[]` alike.

    Raises:
        InvalidParameter: for a value that a field cannot have, or fields that contradict one
            another.
    """
    fields = validated(JobForm, read_fields(form, KINDS))
    check_together(fields)
    return fields
