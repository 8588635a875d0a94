"""How often a growing utterance is recognised again: as often as the machine can."""

from dataclasses import dataclass

LEAST_STEP = 0.4
"""Seconds of new sound that are worth another look."""
LARGEST_SHARE = 0.8
"""Of the time that one session's looks may take."""
FADING = 0.5


@dataclass(slots=True)
class Pace:
    """Adapts to how long looks take; `cost` is in seconds."""

    cost: float = 0.0

    def took(self, seconds: float) -> None:
        """Take note of how long a look took."""
        self.cost = seconds if not self.cost else self.cost + FADING * (seconds - self.cost)

    @property
    def step(self) -> float:
        """Seconds of new sound after which to look again."""
        return max(LEAST_STEP, self.cost / LARGEST_SHARE)
