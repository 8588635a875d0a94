"""How long work reports that it is alive and learns that it should stop."""

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[float], None]
"""Called from inside long work with the fraction done, in [0, 1], never falling.

It may raise `quoth.domain.errors.Cancelled`; the work lets it through and leaves nothing behind.
"""


def unobserved(fraction: float) -> None:
    """Report to nobody."""
