"""Letting answers that never end by themselves come to an end when the server does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Closing:
    """Whether the server is about to end. Used from the event loop only."""

    def __init__(self) -> None:
        self._is_begun = False
        self._waiting: set[asyncio.Event] = set()

    @property
    def is_begun(self) -> bool:
        """Whether nothing more is waited for."""
        return self._is_begun

    def begin(self) -> None:
        """Wake whoever waits for something that may never happen."""
        self._is_begun = True
        for event in self._waiting:
            event.set()

    @contextmanager
    def waking(self, event: asyncio.Event) -> Iterator[None]:
        """Set an event when the server is about to end."""
        self._waiting.add(event)
        try:
            yield
        finally:
            self._waiting.discard(event)
