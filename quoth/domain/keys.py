"""API keys: what is known of one, and how one is recognised without being known."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "quoth_"
"""What every key made here begins with, so that it is recognised for one wherever it turns up."""

LONGEST_KEY = 512
"""Bytes; what is longer is no key and is not hashed."""


class Scope(StrEnum):
    """What a key may do."""

    TRANSCRIBE = "transcribe"
    """Send recordings, work on transcripts."""
    READ = "read"
    DELETE = "delete"
    ADMIN = "admin"
    """Make and revoke keys."""


EVERYDAY = frozenset({Scope.TRANSCRIBE, Scope.READ, Scope.DELETE})
"""Everything but what is about other people."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """How much one key may use; None for as much as the server takes.

    Args:
        audio_seconds_per_day: of recordings sent in, by the days of UTC.
        bytes_per_day: of recordings sent in.
        concurrent_jobs: that wait or run.
    """

    audio_seconds_per_day: float | None = None
    bytes_per_day: int | None = None
    concurrent_jobs: int | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What was sent in with a key in one day of UTC.

    Args:
        audio_seconds: of recordings.
        size_bytes: of recordings.
    """

    audio_seconds: float = 0.0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; the key itself is known to its holder alone.

    Args:
        id: names it in lists and logs; whose jobs, uploads and shares are its own.
        name: what it is for.
        digest: SHA-256 of the key, in hexadecimal digits.
        scopes: what it may do.
        created: seconds since the epoch.
        expires: seconds since the epoch; None for never.
        quotas: how much it may use.
        is_plain: whether its file has it in plain text, as was once usual.
    """

    id: str
    name: str
    digest: str
    scopes: frozenset[Scope] = EVERYDAY
    created: float = 0.0
    expires: float | None = None
    quotas: Quotas = Quotas()
    is_plain: bool = False

    def is_good_at(self, now: float) -> bool:
        """Whether it opens anything at a time."""
        return self.expires is None or now < self.expires


def digest_of_key(key: bytes) -> str:
    """Return what is kept of a key. It is 256 random bits, so a plain hash does."""
    return hashlib.sha256(key).hexdigest()


def find_key(keys: Iterable[ApiKey], presented: bytes, now: float) -> ApiKey | None:
    """Return the key that was presented, if it is good; in the same time whichever it is."""
    if len(presented) > LONGEST_KEY:
        return None
    digest = digest_of_key(presented).encode("ascii")
    found = None
    for key in keys:
        if hmac.compare_digest(key.digest.encode("utf-8"), digest):
            found = key
    return found if found is not None and found.is_good_at(now) else None
