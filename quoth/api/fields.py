"""Reading a form the way OpenAI's clients, curl and everything between send one.

A list comes as `name[]` repeated, as `name` repeated, as a JSON list or with commas; an object as
`name[key]` or as JSON. An empty field is one that was not sent.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile


@dataclass(frozen=True, slots=True)
class FieldKinds:
    """Which fields are more than one value.

    Args:
        lists: of words that hold no comma.
        texts: lists of free text, in which a comma is a comma.
        objects: with keys, or a single value.
    """

    lists: Collection[str] = ()
    texts: Collection[str] = ()
    objects: Collection[str] = ()


def read_fields(form: FormData, kinds: FieldKinds) -> dict[str, object]:
    """Return the fields that were sent by name, but for files."""
    given: dict[str, list[str]] = {}
    keyed: dict[str, dict[str, str]] = {}
    for sent, value in form.multi_items():
        if isinstance(value, UploadFile) or not value.strip():
            continue
        name, _, key = sent.partition("[")
        key = key.removesuffix("]")
        if name in kinds.objects and key:
            keyed.setdefault(name, {})[key] = value
        else:
            given.setdefault(name, []).append(value)
    return {name: _value(name, values, kinds) for name, values in given.items()} | keyed


def _value(name: str, values: list[str], kinds: FieldKinds) -> object:
    if name in kinds.lists:
        return [item for value in values for item in _items(value, at_commas=True)]
    if name in kinds.texts:
        return [item for value in values for item in _items(value, at_commas=False)]
    if name in kinds.objects:
        return _from_json(values[-1], dict)
    return values[-1]


def _items(value: str, *, at_commas: bool) -> list[object]:
    """Take `a`, `a,b` and `["a", "b"]` apart."""
    parsed = _from_json(value, list)
    if isinstance(parsed, list):
        return parsed
    pieces = value.split(",") if at_commas else [value]
    return [piece.strip() for piece in pieces if piece.strip()]


def _from_json(value: str, kind: type) -> object:
    """Return what JSON of that kind says, anything else as it is."""
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return value.strip()
    return parsed if isinstance(parsed, kind | str) else value.strip()
