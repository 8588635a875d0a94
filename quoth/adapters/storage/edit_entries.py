"""Entries of an edit log as lines of JSON."""

import json
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from quoth.domain.edits import (
    Basis,
    CorrectText,
    CorrectTexts,
    Entry,
    MergeSpeakers,
    ReassignInterval,
    Redo,
    RenameSpeaker,
    SplitSpeaker,
    Undo,
)
from quoth.domain.errors import InputError

VERSION = 1
"""Counts up when a reader of the version before could misunderstand what is written."""

KINDS: dict[str, type[Entry]] = {
    "rename_speaker": RenameSpeaker,
    "merge_speakers": MergeSpeakers,
    "split_speaker": SplitSpeaker,
    "reassign_interval": ReassignInterval,
    "correct_text": CorrectText,
    "correct_texts": CorrectTexts,
    "undo": Undo,
    "redo": Redo,
    "basis": Basis,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
_ADAPTERS: dict[str, TypeAdapter[Entry]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def line_of(entry: Entry) -> bytes:
    """Return an entry as one line of UTF-8, which no line break but its last is in."""
    name = _NAMES[type(entry)]
    values = _ADAPTERS[name].dump_python(entry, mode="json")
    document = {"version": VERSION, "kind": name, **values}
    return json.dumps(document, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def entry_of(document: Any) -> Entry:
    """Return the entry that a line's JSON describes.

    Raises:
        ValueError: if it is of a newer version, or no entry.
    """
    try:
        version, kind = int(document["version"]), str(document["kind"])
    except (KeyError, TypeError) as error:
        raise ValueError("it is no entry of a log") from error
    if version > VERSION:
        raise ValueError(f"version {version} is newer than {VERSION}")
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of edit")
    known = {field.name for field in fields(KINDS[kind])}
    values = {name: value for name, value in document.items() if name in known}
    try:
        return _ADAPTERS[kind].validate_python(values)
    except (ValidationError, InputError) as error:
        raise ValueError(f"it is no {kind}: {error}") from error
