"""Telling others that a job ended: noted with the ending, queued, sent until it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from quoth.domain.jobs import Job
from quoth.domain.webhooks import WebhookMessage


class Outcome(StrEnum):
    """What became of one try to send a webhook."""

    DELIVERED = "delivered"
    STOPPED = "stopped"
    """Nobody wants it, and no later try will change that."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try, and in a few words what the receiver said or why there was none."""

    outcome: Outcome
    detail: str


class WebhookSender(Protocol):
    """Sends webhooks, signed, to addresses that may be sent to."""

    def check(self, url: str) -> None:
        """Refuse a URL that nothing can be sent to.

        Raises:
            InvalidParameter: naming `webhook_url`.
        """

    def send(self, url: str, message: WebhookMessage) -> Delivery:
        """Try once; every failure is a `Delivery`, too."""


class WebhookQueue(Protocol):
    """Sends webhooks durably: tries again for about a day, whatever dies in between."""

    def tell(self, job: Job) -> None:
        """Queue the webhook of an attempt that ended; again is no harm."""


class EndingStore(Protocol):
    """Endings that somebody wants to be told of, noted in the transaction that ends a job."""

    def untold(self) -> Sequence[Job]:
        """Return jobs whose ending is not queued to be told yet."""

    def told(self, job: Job) -> None:
        """Note that the ending of an attempt is queued to be told."""


class Notifier(Protocol):
    """Sees to it that whoever asked for it is told when a job ends."""

    def check(self, url: str) -> None:
        """Refuse a URL that nothing can be sent to.

        Raises:
            InvalidParameter: naming `webhook_url`.
        """

    def job_ended(self, job: Job) -> None:
        """Tell of a job that ended; never raises, what fails is made up for later."""

    def catch_up(self) -> None:
        """Tell of what ended and could not be told, and of nothing a second time."""
