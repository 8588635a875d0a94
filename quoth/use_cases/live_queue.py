"""The utterances of a live session whose words are not all there, and the sound they still need."""

from collections import deque

from quoth.domain.live import Committed
from quoth.domain.live_audio import SoundBuffer
from quoth.use_cases.live_decoding import Extent, Pass
from quoth.use_cases.live_utterance import Utterance


class UtteranceQueue:
    """One utterance that goes on, and those before it that are whole. Not for two threads at once.

    Args:
        buffer: the sound of the session.
    """

    def __init__(self, buffer: SoundBuffer) -> None:
        self._buffer = buffer
        self._waiting: deque[Utterance] = deque()
        self._last_item: str | None = None
        self.current: Utterance | None = None
        self.committed_until = 0

    @property
    def is_waiting(self) -> bool:
        """Whether an utterance is whole and its words are not."""
        return bool(self._waiting)

    @property
    def needed_from(self) -> int:
        """The first sample that is needed for words."""
        begun = [*self._waiting, *([self.current] if self.current else [])]
        return min((each.decoder.needed_from for each in begun), default=self._buffer.last)

    def commit(self, utterance: Utterance, end: int) -> Committed:
        """End the current utterance, or one that had not begun, at a sample."""
        self.current = None
        utterance.end = self.committed_until = end
        self._waiting.append(utterance)
        previous, self._last_item = self._last_item, utterance.item
        return Committed(utterance.item, previous)

    def clear(self) -> None:
        """Drop the current utterance and all sound that is not committed."""
        if self.current is not None:
            self.current.is_dropped = True
        self.current = None
        self.committed_until = self._buffer.last

    def remove(self, utterance: Utterance) -> None:
        """Let go of an utterance that was whole."""
        self._waiting.remove(utterance)

    def next(self, quiet_from: int | None) -> tuple[Utterance, Pass] | None:
        """Return what to decode now: who has just begun to speak must not wait for words of before.

        Events of two utterances may mix then, as OpenAI's may.

        Args:
            quiet_from: since which sample the current one is silent; None while it is not.
        """
        there, current = self._buffer.last, self.current
        if current is not None and (not self._waiting or not current.decoder.has_begun):
            window = current.decoder.next_pass(Extent(there, quiet_from))
            if window is not None:
                return current, window
        if not self._waiting:
            return None
        utterance = self._waiting[0]
        extent = Extent(there, utterance.quiet_from, utterance.end)
        window = utterance.decoder.next_pass(extent)
        return None if window is None else (utterance, window)

    def let_go(self, padding: int) -> None:
        """Forget sound that nobody needs, but so many samples that may begin an utterance."""
        quiet_from = max(self.committed_until, self._buffer.last - padding)
        needed = self.needed_from
        self._buffer.drop_before(needed if self.current else min(needed, quiet_from))
