"""What a live session tells, as OpenAI's Realtime API words it."""

import uuid
from collections.abc import Iterator
from typing import Any

from quoth.domain.live import (
    Cleared,
    Committed,
    LiveEvent,
    SpeechStarted,
    SpeechStopped,
    TextAdded,
    TextCompleted,
    TextFailed,
    TextGuessed,
)
from quoth.formats.openai import log_probabilities

TRANSCRIPTION = "conversation.item.input_audio_transcription"
INTERIM = "quoth.input_audio_transcription.interim"
"""An event of ours, sent to whoever asked for it: the official client hands it on as it is."""


def event(kind: str, **fields: Any) -> dict[str, Any]:
    """Return an event with an id of its own."""
    return {"type": kind, "event_id": f"event_{uuid.uuid4().hex[:20]}", **fields}


def item(name: str, status: str, transcript: str | None = None) -> dict[str, Any]:
    """Return an utterance as an item of a conversation."""
    return {
        "id": name,
        "object": "realtime.item",
        "type": "message",
        "status": status,
        "role": "user",
        "content": [{"type": "input_audio", "transcript": transcript}],
    }


def events(
    told: LiveEvent, language: str | None, *, has_logprobs: bool, error: dict[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """Yield the events that tell of something.

    Args:
        told: what happened.
        language: ISO 639-1 code of what is spoken, if known.
        has_logprobs: whether to say how sure the engine was.
        error: how it is worded if it is one.
    """
    match told:
        case SpeechStarted(name, at):
            start = round(at * 1000)
            yield event("input_audio_buffer.speech_started", item_id=name, audio_start_ms=start)
        case SpeechStopped(name, at):
            end = round(at * 1000)
            yield event("input_audio_buffer.speech_stopped", item_id=name, audio_end_ms=end)
        case Committed(name, previous):
            place: dict[str, Any] = {"previous_item_id": previous}
            yield event("input_audio_buffer.committed", item_id=name, **place)
            for kind in ("added", "created"):
                content = item(name, "in_progress")
                yield event(f"conversation.item.{kind}", item=content, **place)
        case Cleared():
            yield event("input_audio_buffer.cleared")
        case TextAdded(name, text, words):
            sure = {"logprobs": log_probabilities(words, language)} if has_logprobs else {}
            yield event(f"{TRANSCRIPTION}.delta", item_id=name, content_index=0, delta=text, **sure)
        case TextGuessed(name, text):
            yield event(INTERIM, item_id=name, content_index=0, text=text)
        case TextCompleted(name, text, seconds):
            usage = {"type": "duration", "seconds": round(seconds, 3)}
            yield event(
                f"{TRANSCRIPTION}.completed",
                item_id=name,
                content_index=0,
                transcript=text,
                usage=usage,
            )
            yield event("conversation.item.done", item=item(name, "completed", text))
        case TextFailed(name):
            yield event(f"{TRANSCRIPTION}.failed", item_id=name, content_index=0, error=error)
