"""What a live client may send, taken apart."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from quoth.domain.live_errors import BadEvent

MOST_ID = 512
SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class Update:
    """Change the session."""

    session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Append:
    """Take these samples of 16 bits in."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """End the utterance."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget what is not committed."""


@dataclass(frozen=True, slots=True)
class Finish:
    """There is no more to come: tell the rest, then close. Ours."""


ClientEvent: TypeAlias = Update | Append | Commit | Clear | Finish

_PLAIN: Mapping[str, ClientEvent] = {
    "input_audio_buffer.commit": Commit(),
    "input_audio_buffer.clear": Clear(),
    "quoth.session.finish": Finish(),
}
_KINDS = ("session.update", "input_audio_buffer.append", *_PLAIN)


@dataclass(frozen=True, slots=True)
class Message:
    """A JSON object that a client sent, and what it called it."""

    content: Mapping[str, Any]

    @property
    def id(self) -> str | None:
        """The client's name for it."""
        found = self.content.get("event_id")
        return found[:MOST_ID] if isinstance(found, str) else None

    def event(self) -> ClientEvent:
        """Return what it asks for.

        Raises:
            BadEvent: if it is nothing that can be asked for.
        """
        kind = self.content.get("type")
        if not isinstance(kind, str):
            raise BadEvent("type is missing: an event is an object with a type.", "type")
        if kind in _PLAIN:
            return _PLAIN[kind]
        if kind == "session.update":
            session = self.content.get("session")
            if not isinstance(session, Mapping):
                raise BadEvent("session is missing: send it as an object.", "session")
            return Update(session)
        if kind == "input_audio_buffer.append":
            return Append(_pcm(self.content.get("audio")))
        known = ", ".join(_KINDS)
        raise BadEvent(f"type {kind[:80]!r} is no event of these sessions: {known}.", "type")


def read_message(text: str | None) -> Message:
    """Read a text frame.

    Raises:
        BadEvent: if it is no JSON object.
    """
    if text is None:
        raise BadEvent("Events are JSON in text frames; audio is base64 in them.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BadEvent("The event is no JSON.") from None
    if not isinstance(content, dict):
        raise BadEvent("An event is a JSON object with a type.")
    return Message(content)


def _pcm(audio: object) -> bytes:
    if not isinstance(audio, str):
        raise BadEvent("audio is missing: send base64 of 16-bit samples.", "audio")
    try:
        pcm = base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        raise BadEvent("audio is no valid base64.", "audio") from None
    if len(pcm) % SAMPLE_BYTES:
        raise BadEvent(
            f"audio has {len(pcm)} bytes: samples of 16 bits have an even number.", "audio"
        )
    return pcm
