"""Tickets that are nowhere but here."""

from threading import Lock

from quoth.domain.tickets import Ticket


class MemoryTicketStore:
    """A `TicketStore` for one process."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._alone = Lock()

    def add(self, ticket: Ticket, now: float, most: int) -> None:
        """Keep a ticket; see the port."""
        with self._alone:
            kept = [each for each in self._tickets.values() if each.expires > now]
            alike = [each for each in kept if (each.key, each.opens) == (ticket.key, ticket.opens)]
            alike.sort(key=lambda each: each.expires)
            gone = {each.digest for each in alike[: max(0, len(alike) + 1 - most)]}
            self._tickets = {each.digest: each for each in kept if each.digest not in gone}
            self._tickets[ticket.digest] = ticket

    def find(self, digest: str, now: float) -> Ticket | None:
        """Return a ticket that is good at a time; see the port."""
        with self._alone:
            return _good(self._tickets.get(digest), now)

    def take(self, digest: str, now: float) -> Ticket | None:
        """Return a ticket and keep it no longer; see the port."""
        with self._alone:
            return _good(self._tickets.pop(digest, None), now)

    def remove(self, digest: str) -> None:
        """Keep a ticket no longer."""
        with self._alone:
            self._tickets.pop(digest, None)


def _good(ticket: Ticket | None, now: float) -> Ticket | None:
    return ticket if ticket is not None and ticket.expires > now else None
