"""What happens in a live session, as its client is told."""

from dataclasses import dataclass
from typing import TypeAlias

from quoth.domain.transcript import Word


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak: `at` seconds of the session, the padding before it included."""

    item: str
    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Nobody speaks any more: `at` seconds of the session."""

    item: str
    at: float


@dataclass(frozen=True, slots=True)
class Committed:
    """An utterance is whole; `previous` is the one before it."""

    item: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class Cleared:
    """What had come in and was not committed is forgotten."""


@dataclass(frozen=True, slots=True)
class TextAdded:
    """Text that will not change any more, put after what is there of the item."""

    item: str
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class TextGuessed:
    """What seems to follow the settled text; replaces the last guess and may be wrong."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class TextCompleted:
    """All text of an utterance, and how many seconds of audio it had."""

    item: str
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TextFailed:
    """The words of an utterance could not be had."""

    item: str
    error: Exception


LiveEvent: TypeAlias = (
    SpeechStarted
    | SpeechStopped
    | Committed
    | Cleared
    | TextAdded
    | TextGuessed
    | TextCompleted
    | TextFailed
)
