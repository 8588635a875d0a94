"""Uploads that come in pieces: what one is, and how far it has come."""

import unicodedata
from dataclasses import dataclass

from quoth.domain.jobs import LOCAL_OWNER

LONGEST_NAME = 255
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of text, with which `gpj.exe` is shown as `exe.jpg`."""


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What a client says of an upload before its first byte.

    Args:
        size_bytes: the size it will have.
        filename: what the client calls it, for display alone.
        sha256: hash that the whole has to have, 64 hexadecimal digits; None if none was stated.
        metadata: the client's own words about it, given back to it as they came.
        owner: whose it is; the server says that, not the client.
    """

    size_bytes: int
    filename: str | None = None
    sha256: str | None = None
    metadata: str = ""
    owner: str = LOCAL_OWNER


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as far as it has come.

    Args:
        id: random, made by the server.
        stated: what the client said of it.
        offset_bytes: bytes that are on disk.
        expires: seconds since the epoch when it is removed unless something of it comes or is used.
        is_finished: whether every byte is here and the hash, if one was stated, is right.
    """

    id: str
    stated: NewUpload
    offset_bytes: int
    expires: float
    is_finished: bool = False

    @property
    def remaining_bytes(self) -> int:
        """What is still to come."""
        return max(0, self.stated.size_bytes - self.offset_bytes)


def display_name(text: str) -> str | None:
    """Return what a client calls a file in a form that is safe to show; None if nothing is left.

    Folders, control characters and characters that turn the direction of text are left out. The
    name is never a path of ours.
    """
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(
        character
        for character in last
        if unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        and character not in DIRECTIONS
    )
    return shown.strip()[:LONGEST_NAME].strip() or None
