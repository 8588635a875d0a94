"""The shape of a transcript as the documentation of the API shows it."""

import json
from functools import partial
from importlib.resources import files
from typing import Any

from quoth.formats.json import REPEATED

_WORD = {"$ref": "#/$defs/word"}


def brief_transcript_schema() -> dict[str, Any]:
    """Return the JSON schema of a transcript with each word once, in its segment.

    It is in one piece: inside the API's own document a reference would look for the definition at
    the wrong place.
    """
    text = files("quoth.formats").joinpath("transcript.schema.json").read_text("utf-8")
    whole = json.loads(text)
    word = whole.pop("$defs")["word"]
    whole.pop("$schema")
    whole.pop("$id", None)
    for name in REPEATED:
        del whole["properties"][name]
        whole["required"].remove(name)
    inlined = json.loads(json.dumps(whole), object_hook=partial(_inline, word))
    assert isinstance(inlined, dict)  # noqa: S101 - it is a file of ours
    return inlined


def _inline(word: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    return word if value == _WORD else value
