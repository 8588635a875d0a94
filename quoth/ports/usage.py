"""What was used by whom."""

from collections.abc import Mapping
from typing import Protocol

from quoth.domain.keys import Quotas, Used


class UsageStore(Protocol):
    """The rows: what was used in each day of UTC, and when a key was used last."""

    def charge(self, owner: str, day: int, seconds: float, size_bytes: int, quotas: Quotas) -> bool:
        """Add to what an owner used in a day, at one instant; False, and nothing, if too much.

        Args:
            owner: whose.
            day: counted from the epoch.
            seconds: of audio.
            size_bytes: of the recording.
            quotas: what may be used.
        """

    def note_use(self, key_id: str, at: float) -> None:
        """Note that a key was used, in seconds since the epoch.

        Raises:
            DatabaseUnavailable: if it cannot be noted.
        """

    def of_day(self, day: int) -> Mapping[str, Used]:
        """Return what each owner used in a day, counted from the epoch; who did is in it."""

    def last_uses(self) -> Mapping[str, float]:
        """Return when each key was used last."""
