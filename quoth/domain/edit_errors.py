"""What goes wrong with edits of a transcript."""

from quoth.domain.errors import InputError, QuothError


class EditError(InputError):
    """An edit does not fit the transcript as it is; the transcript and its log stay as they are."""


class UnknownSpeaker(EditError):
    """Raised when an edit names a speaker who is not in the transcript, or no longer."""

    parameter = "speaker"

    def __init__(self, speaker: str, known: tuple[str, ...]) -> None:
        there = f"it has {', '.join(known)}" if known else "it has none"
        super().__init__(
            f"There is no speaker {speaker!r} in the transcript: {there}. Look at it again; "
            "the speaker may have been merged, or all that was theirs given to others."
        )


class SpeakerNotFoundAgain(EditError):
    """Raised when speakers were told apart anew and nobody clearly is who an edit speaks of."""

    parameter = "speaker"

    def __init__(self, speaker: str, detail: str) -> None:
        super().__init__(
            f"The edit is about speaker {speaker!r} of an earlier telling apart of the speakers, "
            f"and {detail}. It is kept and holds again where that is clear; if it is wanted "
            "now, make it again."
        )


class NoWordsThere(EditError):
    """Raised when an edit is about a time at which nothing, or nothing of the speaker, is said."""

    parameter = "interval"

    def __init__(self, start: float, end: float, speaker: str | None = None) -> None:
        whose = "" if speaker is None else f" of speaker {speaker!r}"
        super().__init__(
            f"There are no words{whose} between {start:.3f} and {end:.3f} s. A word is where its "
            "middle is: take the start of the first and the end of the last that are meant."
        )


class OtherWordsThere(EditError):
    """Raised when a correction is of other words than those which are there."""

    parameter = "was"

    def __init__(self, there: str, was: str) -> None:
        super().__init__(
            f"The words there are {_shortened(there)!r}, not {_shortened(was)!r}. Load the "
            "transcript again and correct what it has now."
        )


class TooMuchToCorrect(EditError):
    """Raised when one correction is of more words than can be compared in reasonable time."""

    parameter = "text"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The correction is of more than {most} words. Correct one paragraph at a time."
        )


class NothingToUndo(EditError):
    """Raised when no edit holds that could be undone."""

    def __init__(self) -> None:
        super().__init__("There is nothing to undo: the transcript is as the machine made it.")


class NothingToRedo(EditError):
    """Raised when the last thing done was no undo."""

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to redo: nothing was undone, or something was edited since then."
        )


class StaleVersion(EditError):
    """Raised when somebody else edited since the version that an edit was made on."""

    parameter = "if-match"

    def __init__(self) -> None:
        super().__init__(
            "The transcript was edited elsewhere since it was loaded, so this edit was not made. "
            "Load it again, look whether the edit is still wanted, and make it on the new version."
        )


class TranscriptGone(EditError):
    """Raised when a transcript was deleted while it was being edited."""

    def __init__(self) -> None:
        super().__init__("The transcript was deleted, so the edit was not kept.")


class DamagedEditLog(QuothError):
    """Raised when the file with the edits of a transcript cannot be read; it is left as it is."""

    def __init__(self, path: str, line: int, problem: str) -> None:
        super().__init__(
            f"The edits in {path} cannot be read from line {line} on ({problem}). The machine's "
            "transcript is not affected. If a newer Quoth wrote them, use that; else put the file "
            "back from a backup, or remove that line and all after it to keep the edits before."
        )


_MOST_QUOTED = 80


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}..."
