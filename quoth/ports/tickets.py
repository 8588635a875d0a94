"""Where tickets are kept, for all processes that serve the same jobs."""

from typing import Protocol

from quoth.domain.tickets import Ticket


class TicketStore(Protocol):
    """Tickets by their digest. Every call may raise `DatabaseUnavailable`."""

    def add(self, ticket: Ticket, now: float, most: int) -> None:
        """Keep a ticket, and none that is not good any more.

        Args:
            ticket: to keep.
            now: seconds since the epoch.
            most: that are kept of one key for the same; the oldest go.
        """

    def find(self, digest: str, now: float) -> Ticket | None:
        """Return a ticket that is good at a time; None if there is none."""

    def take(self, digest: str, now: float) -> Ticket | None:
        """Return a ticket and keep it no longer: of many who ask at once, one gets it."""

    def remove(self, digest: str) -> None:
        """Keep a ticket no longer; again is no harm."""
