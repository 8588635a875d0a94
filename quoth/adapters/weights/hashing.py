"""Hashes of files, as the hub and the catalogue name them."""

import hashlib
from pathlib import Path

from quoth.domain.errors import CorruptDownload
from quoth.ports.model_store import FileRecord
from quoth.ports.progress import Progress, unobserved

_PIECE_BYTES = 1 << 22


def sha256_of(file: Path, progress: Progress = unobserved) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    size, done = max(1, file.stat().st_size), 0
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            digest.update(piece)
            done += len(piece)
            progress(min(1.0, done / size))
    return digest.hexdigest()


def git_blob_of(file: Path) -> str:
    """Return the name git gives the content of a file."""
    content = file.read_bytes()
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def record_of(file: Path) -> FileRecord:
    """Return what a file is now."""
    return FileRecord(file.stat().st_size, sha256_of(file))


def check(file: Path, sha256: str) -> None:
    """Hold a file that was fetched against its hash.

    Raises:
        CorruptDownload: if it is another; the file is gone then.
    """
    found = sha256_of(file)
    if found != sha256:
        file.unlink()
        raise CorruptDownload(file.name, sha256, found)
