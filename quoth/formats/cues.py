"""The cue, which is what a subtitle file is made of, and its text and times."""

import re
import unicodedata
from dataclasses import dataclass

_WIDE = frozenset("WF")
_UNSEEN = frozenset({"Mn", "Me", "Cf", "Cc"})


@dataclass(frozen=True, slots=True)
class Cue:
    """Text shown on the screen for a while.

    Args:
        start: seconds, whole milliseconds.
        end: seconds, whole milliseconds, after `start`.
        lines: the text, top line first, none of them blank.
        speaker: name of who says it, or None where the file does not say.

    Raises:
        ValueError: if it has no text or takes no time.
    """

    start: float
    end: float
    lines: tuple[str, ...]
    speaker: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a cue cannot last from {self.start} to {self.end}")
        if not self.lines or any(not line.strip() for line in self.lines):
            raise ValueError("a cue has at least one line and no blank ones")

    @property
    def text(self) -> str:
        """The lines, joined by line breaks."""
        return "\n".join(self.lines)


def one_line(text: str) -> str:
    """Return text without line breaks and control characters, each run of space as one space."""
    seen = "".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join(seen.split())


def columns(text: str) -> int:
    """Return how many columns text takes: two for a full-width character, none for an accent."""
    if text.isascii():
        return len(text)
    return sum(_column_count(character) for character in text)


def _column_count(character: str) -> int:
    if unicodedata.category(character) in _UNSEEN:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def milliseconds(seconds: float) -> int:
    """Return seconds as the nearest whole millisecond."""
    return round(seconds * 1000)


def timestamp(seconds: float, point: str) -> str:
    """Return `HH:MM:SS` and milliseconds after the given decimal point; hours may exceed 99."""
    total, ms = divmod(milliseconds(seconds), 1000)
    minutes, second = divmod(total, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}{point}{ms:03d}"


def split_lines(text: str) -> list[str]:
    """Return the lines of a subtitle file: at CR, LF and CRLF, and nowhere else."""
    return re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
