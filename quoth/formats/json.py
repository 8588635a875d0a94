"""Quoth's own JSON: everything a transcript holds, and the one format that reads back whole.

`transcript.schema.json` beside this file describes it (JSON Schema 2020-12).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Segment, Speaker, Transcript, Word

_COMMA = ", "
VERSION = 1
"""Counts up when a reader of the version before could misunderstand what is written."""


ORDER = (
    *("version", "text", "language", "duration", "engine", "model"),
    *("speakers", "segments", "words", "turns", "warnings"),
)
REPEATED = ("text", "words")
"""Fields that say again what the segments say."""


def document(transcript: Transcript) -> dict[str, Any]:
    """Return a transcript as plain values: seconds to the millisecond, keys in a fixed order."""
    words = [_word(word) for word in transcript.words]
    whole = brief_document(transcript) | {"text": transcript.text, "words": words}
    return {key: whole[key] for key in ORDER}


def brief_document(transcript: Transcript) -> dict[str, Any]:
    """Return the same with each word once, in its segment."""
    return {
        "version": VERSION,
        "language": transcript.language,
        "duration": _seconds(transcript.duration),
        "engine": transcript.engine,
        "model": transcript.model,
        "speakers": [_speaker(speaker) for speaker in transcript.speakers],
        "segments": [_segment(segment) for segment in transcript.segments],
        "turns": [_turn(turn) for turn in transcript.turns],
        "warnings": list(transcript.warnings),
    }


def render(transcript: Transcript, *, indent: int | None = None) -> str:
    """Return a transcript as JSON, in Unicode, ending with a line break."""
    if indent is not None:
        return _dumps(document(transcript), indent=indent) + "\n"
    # Piece by piece: ten hours are a hundred thousand words, each of them twice.
    lists = {
        "segments": (_dumps(_segment(each)) for each in transcript.segments),
        "words": (_dumps(_word(each)) for each in transcript.words),
    }
    rest = document(replace(transcript, segments=())) | {"text": transcript.text}
    fields = (
        f"{_dumps(key)}: {f'[{_COMMA.join(lists[key])}]' if key in lists else _dumps(value)}"
        for key, value in rest.items()
    )
    return f"{{{_COMMA.join(fields)}}}\n"


def _dumps(content: object, indent: int | None = None) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=indent)


def parse(text: str) -> Transcript:
    """Return the transcript that `render` wrote; what can be derived is not read.

    Raises:
        NotInFormat: if it is not JSON of this shape.
    """
    try:
        return transcript_of(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotInFormat("JSON", f"{type(error).__name__}: {error}") from error


def transcript_of(content: Mapping[str, Any]) -> Transcript:
    """Return the transcript that `document` described.

    Raises:
        KeyError, TypeError, ValueError: if the values are not of that shape.
    """
    if (version := int(content.get("version", VERSION))) > VERSION:
        raise ValueError(f"version {version} is newer than {VERSION}: update Quoth")
    return Transcript(
        language=content["language"],
        duration=float(content["duration"]),
        engine=content["engine"],
        model=content["model"],
        segments=tuple(
            Segment(one["id"], one["speaker"], _words_of(one["words"]), one["text"])
            for one in content["segments"]
        ),
        speakers=tuple(
            Speaker(one["id"], one["name"], float(one["seconds"])) for one in content["speakers"]
        ),
        turns=tuple(
            SpeakerTurn(float(one["start"]), float(one["end"]), one["speaker"])
            for one in content["turns"]
        ),
        warnings=tuple(content["warnings"]),
    )


def _words_of(content: Sequence[Mapping[str, Any]]) -> tuple[Word, ...]:
    return tuple(
        Word(one["text"], float(one["start"]), float(one["end"]), one["confidence"], one["speaker"])
        for one in content
    )


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.id,
        "start": _seconds(segment.start),
        "end": _seconds(segment.end),
        "speaker": segment.speaker,
        "text": segment.text,
        "words": [_word(word) for word in segment.words],
    }


def _word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "start": _seconds(word.start),
        "end": _seconds(word.end),
        "speaker": word.speaker,
        "confidence": None if word.confidence is None else round(word.confidence, 4),
    }


def _speaker(speaker: Speaker) -> dict[str, Any]:
    return {"id": speaker.id, "name": speaker.name, "seconds": _seconds(speaker.seconds)}


def _turn(turn: SpeakerTurn) -> dict[str, Any]:
    return {"start": _seconds(turn.start), "end": _seconds(turn.end), "speaker": turn.speaker}


def _seconds(seconds: float) -> float:
    return round(seconds, 3)
