"""Keys that are nowhere but here."""

from collections.abc import Sequence
from threading import Lock

from quoth.domain.keys import ApiKey
from quoth.ports.keys import Change


class MemoryKeyRing:
    """A `KeyRing` for a server without a file of keys."""

    problem: str | None = None

    def __init__(self, keys: Sequence[ApiKey] = ()) -> None:
        self._keys = tuple(keys)
        self._alone = Lock()

    def keys(self) -> Sequence[ApiKey]:
        """Return the keys."""
        return self._keys

    def change(self, act: Change) -> None:
        """Change them."""
        with self._alone:
            self._keys = tuple(act(self._keys))
