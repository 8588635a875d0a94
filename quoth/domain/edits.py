"""What people do to a transcript, each edit a value: what to do, to which words, to which speaker.

Words are named by time and speakers by id, so that an edit can be done again to the same words
with other speakers. A log of edits only grows: undo and redo are entries of it, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from quoth.domain.audio import Interval
from quoth.domain.errors import InvalidParameter

MOST_NAME_CHARACTERS = 200
MOST_TEXT_CHARACTERS = 20_000
"""Of one correction: more than an hour of talk has no paragraph that long."""
MOST_CORRECTIONS = 10_000
"""Made at once: ten hours of talk have a common word as often as that."""


@dataclass(frozen=True, slots=True)
class RenameSpeaker:
    """Show a speaker under another name, everywhere.

    Args:
        speaker: id.
        name: what to show; blank gives the speaker back the name that Quoth made up.

    Raises:
        InvalidParameter: if the name is too long.
    """

    speaker: str
    name: str

    def __post_init__(self) -> None:
        _check_name(self.name)


@dataclass(frozen=True, slots=True)
class MergeSpeakers:
    """Two speakers are one person: all that one said goes to the other.

    Args:
        speaker: id of the one who is no more afterwards.
        into: id of the one who stays.

    Raises:
        InvalidParameter: if they are the same.
    """

    speaker: str
    into: str

    def __post_init__(self) -> None:
        if self.speaker == self.into:
            raise InvalidParameter("into", "must be another speaker than the one merged into it")


@dataclass(frozen=True, slots=True)
class SplitSpeaker:
    """One speaker is two people: what was said in some intervals is somebody new's.

    "From here on" is one interval that reaches to the end of the recording.

    Args:
        speaker: id of the one whose words are parted; words of others stay theirs.
        intervals: when the new one speaks.
        name: of the new one; blank for a name that Quoth makes up.

    Raises:
        InvalidParameter: if there are no intervals, or the name is too long.
    """

    speaker: str
    intervals: tuple[Interval, ...]
    name: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if not self.intervals:
            raise InvalidParameter("intervals", "must say when the new speaker speaks")


@dataclass(frozen=True, slots=True)
class ReassignInterval:
    """Whoever was thought to speak in an interval, it was this speaker.

    Args:
        interval: when.
        speaker: id, or None for somebody new.
        name: of somebody new; blank for a name that Quoth makes up.

    Raises:
        InvalidParameter: if somebody who is there is given a name, or the name is too long.
    """

    interval: Interval
    speaker: str | None
    name: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.speaker is not None and self.name:
            raise InvalidParameter("name", "is for a new speaker; rename the other by an own edit")


@dataclass(frozen=True, slots=True)
class CorrectText:
    """The words in an interval were misheard.

    Args:
        interval: when.
        text: what was said instead; blank where nothing was said at all.
        was: what the words were when they were looked at; None where nobody minds. Words that
            have no duration can share their time: this tells them apart.

    Raises:
        InvalidParameter: if the text is too long.
    """

    interval: Interval
    text: str
    was: str | None = None

    def __post_init__(self) -> None:
        if len(self.text) > MOST_TEXT_CHARACTERS:
            raise InvalidParameter("text", f"has more than {MOST_TEXT_CHARACTERS} characters")


@dataclass(frozen=True, slots=True)
class CorrectTexts:
    """A word was misheard in many places: all are corrected, or none is, and undone at once.

    Args:
        corrections: of words that do not overlap, one or more.

    Raises:
        InvalidParameter: if there are none, or too many.
    """

    corrections: tuple[CorrectText, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.corrections) <= MOST_CORRECTIONS:
            raise InvalidParameter(
                "corrections", f"must be 1 to {MOST_CORRECTIONS}, not {len(self.corrections)}"
            )


@dataclass(frozen=True, slots=True)
class Undo:
    """The last edit that holds holds no more."""


@dataclass(frozen=True, slots=True)
class Redo:
    """The edit that was undone last holds again."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Whom the ids in the edits after it mean: when each of them speaks, as the machine heard it.

    Args:
        speech: by speaker id, intervals in order to the millisecond.
    """

    speech: Mapping[str, tuple[Interval, ...]]


Edit: TypeAlias = (
    RenameSpeaker | MergeSpeakers | SplitSpeaker | ReassignInterval | CorrectText | CorrectTexts
)
Entry: TypeAlias = Edit | Undo | Redo | Basis
EditLog: TypeAlias = Sequence[Entry]
"""In the order in which it was written. Nothing in it is ever changed."""


def _check_name(name: str) -> None:
    if len(name) > MOST_NAME_CHARACTERS:
        raise InvalidParameter("name", f"has more than {MOST_NAME_CHARACTERS} characters")
