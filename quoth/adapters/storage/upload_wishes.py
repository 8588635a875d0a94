"""A word from whoever wants an upload to whoever is at work on it, on whatever machine each is.

A lock says that somebody has an upload, and nothing of who came last. So there is a file beside the
bytes in which each that is refused writes something new. It is written in place and opened for each
look: a network file system asks its server again when a file is opened, and may answer anything
else from what it remembers.
"""

import secrets
from contextlib import suppress
from pathlib import Path

NAME = "wanted"


def leave_wish(folder: Path) -> None:
    """Say that somebody wants an upload; one that is gone is wanted by nobody."""
    with suppress(FileNotFoundError):
        (folder / NAME).write_bytes(secrets.token_bytes(8))


def last_wish(folder: Path) -> bytes | None:
    """Return what was written last; None if the upload is gone, or nothing was written ever."""
    try:
        return (folder / NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
