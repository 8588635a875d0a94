"""The lock beside a model's files, as JSON: readable by people, and by an older Quoth refused."""

import json
from pathlib import Path
from typing import Any

from quoth.domain.model_errors import DamagedLock
from quoth.domain.model_locks import LockedFile, LockedSource, ModelLock

NAME = "quoth.lock.json"
VERSION = 1


def write_lock(folder: Path, lock: ModelLock) -> None:
    """Write a lock into a model's folder."""
    document = {
        "version": VERSION,
        "model": lock.model,
        "sources": [
            {
                "page": source.page,
                "revision": source.revision,
                "files": [
                    {"name": file.name, "bytes": file.size_bytes, "sha256": file.sha256}
                    for file in source.files
                ],
            }
            for source in lock.sources
        ],
    }
    (folder / NAME).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_lock(folder: Path) -> ModelLock:
    """Read the lock in a model's folder.

    Raises:
        FileNotFoundError: if there is none.
        DamagedLock: if it cannot be read, or names files outside the folder.
    """
    path = folder / NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _lock(document)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedLock(str(path), str(error)) from error


def _lock(document: Any) -> ModelLock:
    if document["version"] != VERSION:
        raise ValueError(f"it has version {document['version']}")
    sources = tuple(_source(source) for source in document["sources"])
    return ModelLock(str(document["model"]), sources)


def _source(document: Any) -> LockedSource:
    files = tuple(_file(file) for file in document["files"])
    return LockedSource(str(document["page"]), str(document["revision"]), files)


def _file(document: Any) -> LockedFile:
    name = Path(str(document["name"]))
    if name.is_absolute() or ".." in name.parts:
        raise ValueError(f"it names {str(name)!r}")
    return LockedFile(str(name), int(document["bytes"]), str(document["sha256"]))
