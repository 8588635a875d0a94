"""How a backup is laid out: a tar of plain files, its first member and its last about itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from quoth.domain.backups import FileRecord, Manifest, Origin

FORMAT = 1
"""Counts up when a reader of the version before could misunderstand a backup."""
ORIGIN = "quoth-backup.json"
"""The first member: whoever reads it knows whether to read on."""
MANIFEST = "manifest.json"
"""The last member: a backup without it is not whole."""
DATA = "data/"
"""Begins the names of all other members; what follows is a path in the data folder."""
BLOCK_BYTES = 1 << 20


def render_origin(origin: Origin) -> bytes:
    """Return the first member."""
    return _render(asdict(origin))


def parse_origin(content: bytes) -> Origin:
    """Return what the first member says.

    Raises:
        ValueError: if it says something else.
    """
    return _origin(_parse(content))


def render_manifest(manifest: Manifest) -> bytes:
    """Return the last member."""
    files = {path: [each.size_bytes, each.sha256] for path, each in manifest.files.items()}
    return _render(asdict(manifest.origin) | {"files": files})


def parse_manifest(content: bytes) -> Manifest:
    """Return what the last member says.

    Raises:
        ValueError: if it says something else.
    """
    found = _parse(content)
    files = found.pop("files", None)
    if not isinstance(files, dict):
        raise ValueError("it lists no files")  # noqa: TRY004 - one kind of error for its caller
    try:
        records = {path: FileRecord(int(size), str(sha)) for path, (size, sha) in files.items()}
    except TypeError as error:
        raise ValueError(str(error)) from error
    return Manifest(_origin(found), records)


def _render(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=1).encode() + b"\n"


def _parse(content: bytes) -> dict[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - one kind of error for its caller
    return found


def _origin(found: Mapping[str, Any]) -> Origin:
    kinds = {"version": str, "created": float, "schema": int, "has_database": bool, "format": int}
    values = {name: found.get(name) for name in kinds}
    for name, kind in kinds.items():
        if not isinstance(values[name], kind):
            raise ValueError(f"it does not say its {name}")  # noqa: TRY004
    return Origin(**values)  # type: ignore[arg-type]
