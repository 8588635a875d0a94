"""The shape of a transcript as the documentation of the API shows it."""

import json
from functools import partial
from importlib.resources import files
from typing import Any

_WORD = {"$ref": "#/$defs/word"}


def transcript_schema() -> dict[str, Any]:
    """Return the JSON schema of a transcript in one piece, without references.

    Inside the API's own document a reference would look for the definition at the wrong place.
    """
    text = files("quoth.formats").joinpath("transcript.schema.json").read_text("utf-8")
    whole = json.loads(text)
    word = whole.pop("$defs")["word"]
    whole.pop("$schema")
    whole.pop("$id", None)
    inlined = json.loads(json.dumps(whole), object_hook=partial(_inline, word))
    assert isinstance(inlined, dict)  # noqa: S101 - it is a file of ours
    return inlined


def _inline(word: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    return word if value == _WORD else value
