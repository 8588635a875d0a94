"""A transcript as the body that was asked for."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from quoth.api.forms import ResponseFormat, TranscriptionForm
from quoth.domain.transcript import Transcript
from quoth.formats import openai, openai_events, srt, text, vtt


def _json(transcript: Transcript, form: TranscriptionForm) -> Response:
    return JSONResponse(openai.json(transcript, has_logprobs=form.has_logprobs))


def _verbose(transcript: Transcript, form: TranscriptionForm) -> Response:
    granularities = form.timestamp_granularities
    return JSONResponse(openai.verbose_json(transcript, granularities, form.temperature, form.task))


def _diarized(transcript: Transcript, form: TranscriptionForm) -> Response:
    return JSONResponse(openai.diarized_json(transcript, form.known_speaker_names))


def _text(transcript: Transcript, form: TranscriptionForm) -> Response:
    has_names = form.wants_speakers and bool(transcript.speakers)
    return PlainTextResponse(text.render(transcript) if has_names else openai.text(transcript))


RENDERERS: Mapping[ResponseFormat, Callable[[Transcript, TranscriptionForm], Response]] = {
    "json": _json,
    "text": _text,
    "srt": lambda transcript, _: PlainTextResponse(srt.render(transcript)),
    "vtt": lambda transcript, _: PlainTextResponse(vtt.render(transcript), media_type="text/vtt"),
    "verbose_json": _verbose,
    "diarized_json": _diarized,
}

IN_JSON: frozenset[ResponseFormat] = frozenset({"json", "verbose_json", "diarized_json"})
"""Formats that may be led by white space."""


def last_events(transcript: Transcript, form: TranscriptionForm) -> Iterator[bytes]:
    """Yield the events that follow the deltas of a finished transcription."""
    if form.response_format == "diarized_json":
        yield from map(event, openai_events.segments(transcript, form.known_speaker_names))
    yield event(openai_events.done(transcript, has_logprobs=form.has_logprobs))


def event(content: dict[str, Any]) -> bytes:
    """Return an event in ASCII: some clients take other line breaks of Unicode for the end."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
