"""The machine's transcript with a log of edits applied to it: what people read and export."""

from dataclasses import dataclass, field

from quoth.domain.draft import Draft
from quoth.domain.edit_errors import EditError
from quoth.domain.edit_history import Made, history
from quoth.domain.edits import (
    Basis,
    CorrectText,
    CorrectTexts,
    EditLog,
    MergeSpeakers,
    ReassignInterval,
    RenameSpeaker,
    SplitSpeaker,
)
from quoth.domain.speaker_identity import Identities, basis_of
from quoth.domain.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Unapplied:
    """An edit that holds, but cannot be applied to this transcript.

    Args:
        made: the edit and where it is in the log.
        error: why, in words for the user.
    """

    made: Made
    error: EditError = field(compare=False)


@dataclass(frozen=True, slots=True)
class EditedTranscript:
    """A transcript after its edits, and those that could not be applied, in order."""

    transcript: Transcript
    unapplied: tuple[Unapplied, ...] = ()


def apply(transcript: Transcript, log: EditLog) -> EditedTranscript:
    """Return a transcript after the edits of a log that hold.

    The transcript may be another than the edits were made on, if the words are the same: speakers
    told apart anew. Corrections and intervals are found again by time; a speaker is found again as
    the one who speaks at the same times, where that is clear, else the edit is not applied.

    Args:
        transcript: as the machine made it; it is not changed.
        log: what people did to it, or to an earlier telling apart of its speakers.

    Raises:
        NothingToUndo, NothingToRedo: if the log undoes or redoes what is not there.
    """
    draft = Draft(transcript)
    unapplied: list[Unapplied] = []
    people = _People(transcript)
    for made in history(log).done:
        try:
            _apply(draft, made, people)
        except EditError as error:
            unapplied.append(Unapplied(made, error))
    return EditedTranscript(draft.transcript(), tuple(unapplied))


class _People:
    """Finds who is who; compares two tellings apart of the speakers once, and only if need be."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._now: Basis | None = None
        self._known: dict[int, Identities] = {}

    def of(self, made: Made) -> Identities:
        if made.basis is None:
            return _THE_SAME
        if id(made.basis) not in self._known:
            self._now = self._now or basis_of(self._transcript)
            self._known[id(made.basis)] = Identities(made.basis, self._now)
        return self._known[id(made.basis)]


_THE_SAME = Identities(Basis({}), Basis({}))


def _apply(draft: Draft, made: Made, people: _People) -> None:
    """Apply one edit, whole or not at all."""
    match made.edit:
        case RenameSpeaker() as edit:
            draft.rename(people.of(made).now(edit.speaker), edit.name)
        case MergeSpeakers() as edit:
            _merge(draft, edit, people.of(made))
        case SplitSpeaker() as edit:
            draft.split(people.of(made).made_of(edit.speaker), edit, _newcomer(made))
        case ReassignInterval(interval, None, name):
            draft.reassign(interval, _newcomer(made), name)
        case ReassignInterval(interval, str() as speaker):
            draft.reassign(interval, draft.known(people.of(made).now(speaker)))
        case CorrectText() as edit:
            draft.correct(edit)
        case CorrectTexts(corrections):
            draft.correct_all(corrections)


def _merge(draft: Draft, edit: MergeSpeakers, identities: Identities) -> None:
    """Merge two speakers, unless the machine now tells them for one by itself."""
    if identities.became(edit.speaker) != identities.became(edit.into):
        draft.merge(identities.now(edit.speaker), identities.now(edit.into))


def _newcomer(made: Made) -> str:
    assert made.newcomer is not None  # noqa: S101 - history gives one to each edit that makes one
    return made.newcomer
