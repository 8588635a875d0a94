"""Counting what is limited in time."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RateRule:
    """How much is allowed.

    Args:
        what: is counted, in the plural, as a sentence may have it.
        amount: at most, in a window.
        window_seconds: length of a window; a new one begins with the first hit after it.
    """

    what: str
    amount: int
    window_seconds: int

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.amount} in {self.window_seconds} seconds"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody is with a rule.

    Args:
        is_allowed: whether what was counted last is within it.
        amount: that is allowed.
        remaining: of it.
        reset_seconds: until all of it is there again.
    """

    is_allowed: bool
    amount: int
    remaining: int
    reset_seconds: int


class RateLimits(Protocol):
    """Counts, for all processes that share it. Calls may block for a fraction of a second."""

    @property
    def problem(self) -> str | None:
        """What is not as it should be; None if all is well."""

    def hit(self, rule: RateRule, who: str, cost: int = 1) -> Standing:
        """Count something; what goes beyond the rule is told, never raised.

        It is allowed if less than the amount was counted before, so that what is large passes, too,
        and the next has to wait. Of what costs nothing is told whether it would be.
        """
