"""Tickets for browsers, which send no `Authorization` with events, WebSockets, sound and downloads.

A ticket opens one path once, within a minute; it may stand in an address. A session opens
recordings and transcripts, to look at, for hours; its secret is in a cookie that scripts cannot
read, and counts only for a request that names the session, so that two windows with different keys
do not get into each other's way, and none that has no key acts with another's.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from quoth.auth.forwarding import RawHeaders, values_of
from quoth.auth.origins import Asked
from quoth.auth.pages import is_same_origin
from quoth.domain.keys import ApiKey
from quoth.domain.tickets import MEDIA, Ticket, digest_of_ticket
from quoth.ports.keys import KeyRing
from quoth.ports.tickets import TicketStore

TICKET_SECONDS = 60.0
SESSION_SECONDS = 12 * 3600.0
SECRET_BYTES = 32
LONGEST_PATH = 255
MOST_ALIKE = 1000
"""Tickets of one key for the same that are kept at once."""
MOST_FIELDS = 64
"""Of a query; one with more shows no ticket."""

_FOR_TICKETS = re.compile(r"/v1/jobs/(?:[^/]+/)?events|/v1/realtime(?:/.*)?")
_FOR_SESSIONS = re.compile(r"/v1/jobs/[^/]+/(?:audio|transcript)")
_LOOKS = frozenset({"GET", "HEAD"})
_SECRET = re.compile(r"[\w-]{1,100}", re.ASCII)
_COOKIE = "quoth_media_"


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket that was just made."""

    ticket: Ticket
    secret: str

    @property
    def session(self) -> str:
        """The name of a session, which is no secret."""
        return session_of(self.secret)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows in place of a key.

    Args:
        secret: of a ticket or a session; None for what cannot be one.
        path: that is asked for.
        is_session: which of them.
    """

    secret: str | None
    path: str
    is_session: bool = False


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What came of it.

    Args:
        key: that it stands for; None for what stands for none.
        is_session: whether it may do no more than look.
    """

    key: ApiKey | None
    is_session: bool = False


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets of all keys.

    Args:
        store: keeps them.
        keys: that they stand for.
        now: seconds since the epoch.
    """

    store: TicketStore
    keys: KeyRing
    now: Callable[[], float]

    def give(self, key: ApiKey, path: str) -> NewTicket:
        """Make a ticket for a path of `is_for_tickets`."""
        return self._new(key, path, TICKET_SECONDS)

    def begin_session(self, key: ApiKey) -> NewTicket:
        """Make a session, which ends with its key or after hours."""
        return self._new(key, MEDIA, SESSION_SECONDS)

    def end_session(self, secret: str) -> None:
        """End a session; again is no harm."""
        self.store.remove(digest_of_ticket(secret))

    def redeem(self, shown: Shown) -> Redeemed | None:
        """Say which key is meant; None for a session that is over, which is as none at all.

        Raises:
            DatabaseUnavailable: if nobody can say so now.
        """
        key = self._redeemed(shown)
        return None if key is None and shown.is_session else Redeemed(key, shown.is_session)

    def _redeemed(self, shown: Shown) -> ApiKey | None:
        if shown.secret is None:
            return None
        now, digest = self.now(), digest_of_ticket(shown.secret)
        look, opens = (
            (self.store.find, MEDIA) if shown.is_session else (self.store.take, shown.path)
        )
        ticket = look(digest, now)
        if ticket is None or ticket.opens != opens:
            return None
        good = (key for key in self.keys.keys() if key.is_good_at(now))  # noqa: SIM118 - no dict
        return next((key for key in good if key.digest == ticket.key), None)

    def _new(self, key: ApiKey, opens: str, seconds: float) -> NewTicket:
        now, secret = self.now(), secrets.token_urlsafe(SECRET_BYTES)
        expires = min(now + seconds, key.expires or float("inf"))
        ticket = Ticket(digest_of_ticket(secret), key.digest, opens, expires)
        self.store.add(ticket, now, MOST_ALIKE)
        return NewTicket(ticket, secret)


def is_for_tickets(path: str) -> bool:
    """Whether a path can be opened by a ticket."""
    return len(path) <= LONGEST_PATH and _FOR_TICKETS.fullmatch(path) is not None


def is_for_sessions(path: str) -> bool:
    """Whether a session opens a path to look at."""
    return _FOR_SESSIONS.fullmatch(path) is not None


def shown_by(asked: Asked, path: str, query: bytes) -> Shown | None:
    """Return what a request shows in place of a key; None if it shows nothing, or a key itself."""
    if asked.method not in _LOOKS or values_of(asked.headers, "authorization"):
        return None
    if is_for_tickets(path):
        tickets = _fields(query, "ticket")
        secret = tickets[0] if len(tickets) == 1 and _SECRET.fullmatch(tickets[0]) else None
        return Shown(secret, path) if tickets else None
    if not is_for_sessions(path) or not is_same_origin(asked.headers):
        return None
    names = _fields(query, "session")
    secret = session_secret(asked.headers, names[0]) if len(names) == 1 else None
    return None if secret is None else Shown(secret, path, is_session=True)


def session_of(secret: str) -> str:
    """Return the name of the session of a secret, from which nobody learns the secret."""
    return digest_of_ticket(f"session {secret}")[:16]


def cookie_of(session: str) -> str:
    """Return the name of the cookie that has the secret of a session."""
    return _COOKIE + session


def session_secret(headers: RawHeaders, session: str) -> str | None:
    """Return the secret of a session from the cookies of a request; None without just one."""
    pairs = (
        each.strip().partition("=")
        for value in values_of(headers, "cookie")
        for each in value.split(";")
    )
    found = [value for name, _, value in pairs if name == cookie_of(session)]
    return found[0] if len(found) == 1 and _SECRET.fullmatch(found[0]) else None


def _fields(query: bytes, name: str) -> list[str]:
    try:
        fields = parse_qsl(query.decode("latin-1"), True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return []
    return [value for key, value in fields if key == name]
