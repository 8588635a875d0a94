"""A recording as it is kept, wherever that is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that is there.

    Args:
        size_bytes: of the whole.
        changed: when it came, in seconds since the epoch.
        open: gives a file to seek and read in; no more of it than a megabyte is held in memory.
            What it gives raises OSError or StoreUnavailable when its place is gone meanwhile.
    """

    size_bytes: int
    changed: float
    open: Callable[[], BinaryIO]
