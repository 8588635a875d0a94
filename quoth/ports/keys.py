"""Where keys are written down."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from quoth.domain.keys import ApiKey

Change: TypeAlias = Callable[[Sequence[ApiKey]], Sequence[ApiKey]]
"""Makes the keys there shall be of those there are."""


class KeyRing(Protocol):
    """All keys; cheap to ask for at every request."""

    def keys(self) -> Sequence[ApiKey]:
        """Return the keys as they are now, or were less than a second ago."""

    @property
    def problem(self) -> str | None:
        """What is not as it should be; None if all is well."""

    def change(self, act: Change) -> None:
        """Change them, alone and at one instant.

        Raises:
            UnusableKeys: if they cannot be written, or are not what they should be.
        """
