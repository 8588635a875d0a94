"""What a live client is told: events that wait until it takes them, for a while."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from quoth.api.errors import worded
from quoth.api.realtime.configuration import LOGPROBS, Configuration
from quoth.domain.errors import QuothError
from quoth.domain.live import LiveEvent, TextFailed
from quoth.formats.openai_realtime import event, events

NORMAL = 1000
POLICY = 1008
FAILED = 1011
MOST_WAITING = 256
"""Events that wait to be written."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session ends: a word for the metrics, and the code it is closed with."""

    why: str
    code: int = NORMAL


class Outbox:
    """Events for one client, in order; who has many waiting waits itself.

    Args:
        websocket: accepted.
        slow_seconds: that the client may take to read one.
    """

    def __init__(self, websocket: WebSocket, slow_seconds: float) -> None:
        self._websocket = websocket
        self._slow_seconds = slow_seconds
        self._waiting: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(MOST_WAITING)

    async def write(self) -> Ending:
        """Write events until the client reads no more; return how that ends the session."""
        while True:
            told = await self._waiting.get()
            sending = self._websocket.send_json(told)
            try:
                await asyncio.wait_for(sending, self._slow_seconds)
            except TimeoutError:
                return Ending("slow", POLICY)
            except (WebSocketDisconnect, RuntimeError):
                return Ending("left")
            finally:
                self._waiting.task_done()

    async def empty(self) -> None:
        """Wait until everything is written.

        Raises:
            TimeoutError: if the client takes too long.
        """
        await asyncio.wait_for(self._waiting.join(), self._slow_seconds)

    async def tell(self, kind: str, **fields: Any) -> None:
        """Tell an event."""
        await self._waiting.put(event(kind, **fields))

    async def tell_all(self, happened: Iterable[LiveEvent], configuration: Configuration) -> None:
        """Tell what happened in the session."""
        for told in happened:
            for each in _worded(told, configuration):
                await self._waiting.put(each)

    async def tell_error(self, error: QuothError, at_fault: str | None = None) -> None:
        """Tell what went wrong, and by which event of the client's."""
        await self.tell("error", error={**worded(error), "event_id": at_fault})


def _worded(told: LiveEvent, configuration: Configuration) -> list[dict[str, Any]]:
    error = None
    if isinstance(told, TextFailed) and isinstance(told.error, QuothError):
        log.warning("%s: %s", type(told.error).__name__, told.error)
        error = worded(told.error)
    language = configuration.live.recognition.language
    has_logprobs = LOGPROBS in configuration.include
    return list(events(told, language, has_logprobs=has_logprobs, error=error))
