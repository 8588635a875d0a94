"""Edits as the API takes them, and the state they lead to."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema

from quoth.api.transcript_schema import brief_transcript_schema
from quoth.domain.audio import Interval
from quoth.domain.edits import (
    MOST_CORRECTIONS,
    CorrectText,
    CorrectTexts,
    Edit,
    MergeSpeakers,
    ReassignInterval,
    RenameSpeaker,
    SplitSpeaker,
)
from quoth.domain.errors import InvalidParameter
from quoth.domain.jobs import Job
from quoth.formats import json
from quoth.use_cases.edit_job import tag_of
from quoth.use_cases.edit_transcript import EditState


class Stretch(BaseModel):
    """From `start` to `end`, in seconds."""

    start: float
    end: float

    @property
    def interval(self) -> Interval:
        """The same as a value.

        Raises:
            InvalidParameter: if it is none.
        """
        try:
            return Interval(self.start, self.end)
        except ValueError as error:
            raise InvalidParameter("interval", f"is not valid: {error}") from None


class Rename(BaseModel):
    """Show a speaker under another name, everywhere; blank for the name that Quoth made up."""

    kind: Literal["rename_speaker"]
    speaker: str
    name: str

    def edit(self) -> Edit:
        """Return the edit."""
        return RenameSpeaker(self.speaker, self.name)


class Merge(BaseModel):
    """Two speakers are one person."""

    kind: Literal["merge_speakers"]
    speaker: str
    into: str

    def edit(self) -> Edit:
        """Return the edit."""
        return MergeSpeakers(self.speaker, self.into)


class Split(BaseModel):
    """One speaker is two people: in these stretches somebody new speaks."""

    kind: Literal["split_speaker"]
    speaker: str
    intervals: list[Stretch]
    name: str = ""

    def edit(self) -> Edit:
        """Return the edit."""
        return SplitSpeaker(
            self.speaker, tuple(each.interval for each in self.intervals), self.name
        )


class Reassign(BaseModel):
    """Whoever was thought to speak there, it was this speaker; null for somebody new."""

    kind: Literal["reassign_interval"]
    interval: Stretch
    speaker: str | None
    name: str = ""

    def edit(self) -> Edit:
        """Return the edit."""
        return ReassignInterval(self.interval.interval, self.speaker, self.name)


class Correction(BaseModel):
    """Other words than were heard; blank where nothing was said at all."""

    interval: Stretch
    text: str
    was: str | None = None

    @property
    def correction(self) -> CorrectText:
        """The same as a value."""
        return CorrectText(self.interval.interval, self.text, self.was)


class Correct(Correction):
    """The words there were misheard; blank where nothing was said at all."""

    kind: Literal["correct_text"]

    def edit(self) -> Edit:
        """Return the edit."""
        return self.correction


class CorrectAll(BaseModel):
    """Words were misheard in many places: all are corrected or none is, and undone at once."""

    kind: Literal["correct_texts"]
    corrections: list[Correction] = Field(min_length=1, max_length=MOST_CORRECTIONS)

    def edit(self) -> Edit:
        """Return the edit."""
        return CorrectTexts(tuple(each.correction for each in self.corrections))


EditDocument = Annotated[
    Rename | Merge | Split | Reassign | Correct | CorrectAll, Field(discriminator="kind")
]


class UnappliedDocument(BaseModel):
    """An edit that does not fit the speakers as they were told apart last."""

    kind: str
    reason: str


TranscriptDocument = Annotated[dict[str, Any], WithJsonSchema(brief_transcript_schema())]
"""A transcript in Quoth's own JSON, with each word once: in its segment."""


class EditStateDocument(BaseModel):
    """Where the editing of a transcript stands; `etag` goes into `If-Match` of the next edit."""

    object: Literal["edit_state"] = "edit_state"
    etag: str
    can_undo: bool
    can_redo: bool
    unapplied: list[UnappliedDocument]
    transcript: TranscriptDocument


def etag_of(job: Job, state: EditState) -> str:
    """Return the tag of a transcript as HTTP has it."""
    return f'"{tag_of(job, state.version)}"'


def state_document(job: Job, state: EditState) -> EditStateDocument:
    """Return where the editing stands."""
    return EditStateDocument(
        etag=etag_of(job, state),
        can_undo=state.can_undo,
        can_redo=state.can_redo,
        unapplied=[
            UnappliedDocument(kind=type(each.made.edit).__name__, reason=str(each.error))
            for each in state.unapplied
        ],
        transcript=json.brief_document(state.transcript),
    )
