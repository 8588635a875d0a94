"""Shares: whoever holds a token may look at one job, and nothing else, for a time."""

import hashlib
from dataclasses import dataclass

USUAL_SECONDS = 7 * 86_400.0
"""How long a share is good for if nobody says otherwise."""
FEWEST_SECONDS = 60.0
LONGEST_LABEL = 255


@dataclass(frozen=True, slots=True)
class Share:
    """One share of a job. Its token is known to whoever made it, and kept nowhere.

    Args:
        id: to revoke it by; opens nothing.
        job_id: what is shared.
        digest: of the token.
        label: what it is for, to tell it from others.
        created: seconds since the epoch.
        expires: seconds since the epoch.
    """

    id: str
    job_id: str
    digest: str
    label: str
    created: float
    expires: float


def digest_of(token: str) -> str:
    """Return what is kept of a token. It is long and random, so a plain hash does."""
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()
