"""Tickets: what a browser shows where it cannot send a key, in place of one."""

import hashlib
from dataclasses import dataclass

MEDIA = "media"
"""What a session opens: recordings and transcripts, to play and to save."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is known of a ticket; the ticket itself is known to its holder alone.

    Args:
        digest: SHA-256 of it, in hexadecimal digits.
        key: digest of the key that it stands for, so that it ends when the key does.
        opens: the path it is for, once; or `MEDIA`, for as long as it is good.
        expires: seconds since the epoch.
    """

    digest: str
    key: str
    opens: str
    expires: float


def digest_of_ticket(ticket: str) -> str:
    """Return what is kept of a ticket. It is 256 random bits, so a plain hash does."""
    return hashlib.sha256(ticket.encode("utf-8", "surrogateescape")).hexdigest()
