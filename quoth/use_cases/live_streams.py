"""One utterance with an engine that takes streams: each part of it is recognised once.

What the engine remembers is kept here, with the utterance. A pass that fails, or whose process is
lost, is simply made again from the same memory.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import EngineError
from quoth.domain.live_audio import Piece
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.streaming import StreamingTranscriber, StreamMemory, StreamTask
from quoth.ports.transcriber import Transcriber, TranscriptionOptions
from quoth.use_cases.live_decoding import Extent, Heard, LiveDecoder, Pass
from quoth.use_cases.live_pace import Pace
from quoth.use_cases.local_agreement import FIRST_SECONDS, PAUSE, LocalAgreement


class _Ending(NamedTuple):
    """The last words of an utterance if it ends before this sample."""

    last: int
    words: tuple[Word, ...]


class StreamDecoder:
    """The `LiveDecoder` of an engine that takes streams: an utterance is one.

    Args:
        first: sample of the session at which the utterance begins.
        engine: recognises words.
        options: how.
        pace: says how much new sound is worth another pass.
    """

    def __init__(
        self, first: int, engine: StreamingTranscriber, options: TranscriptionOptions, pace: Pace
    ) -> None:
        self._first = first
        self._engine = engine
        self._options = options
        self._pace = pace
        self._begun = first
        self._memory: StreamMemory | None = None
        self._heard_until = first
        self._ending: _Ending | None = None

    @property
    def needed_from(self) -> int:
        """Where the sound begins that the engine still wants to hear."""
        return self._begun + (self._memory.needed_from if self._memory else 0)

    @property
    def has_begun(self) -> bool:
        """Whether anything was recognised."""
        return self._heard_until > self._first

    def next_pass(self, extent: Extent) -> Pass | None:
        """Return what came in, once it is all, ends in a pause, or has enough that is new.

        In a pause an utterance most likely ends: it is heard as if it did, and is over at once when
        that is known.
        """
        pause = None if extent.quiet_from is None else extent.quiet_from + PAUSE
        if self._ending is not None and pause is not None and self._ending.last >= pause:
            return Pass(extent.end, extent.end, is_whole=True) if extent.end is not None else None
        last = min(self._full, extent.there if extent.end is None else extent.end)
        window = Pass(min(self.needed_from, last), last, is_whole=last == extent.end)
        if window.is_whole or last == self._full:
            return window
        is_paused = pause is not None and self._heard_until < pause <= last
        fresh = (last - self._heard_until) / SAMPLE_RATE
        step = self._pace.step if self.has_begun else FIRST_SECONDS
        is_worth_it = is_paused or fresh >= step
        return replace(window, is_careful=is_paused) if is_worth_it else None

    def decode(self, window: Pass, sound: Piece, progress: Progress) -> Heard:
        """Let the engine go on; see the port."""
        if self._ending is not None and window.first == window.last:
            return Heard(self._ending.words, ())
        self._heard_until = window.last
        is_last = window.is_whole or window.is_careful
        task = StreamTask(sound, self._memory, is_last=is_last, options=self._options)
        try:
            (found,) = self._engine.advance([task], progress)
        except EngineError:
            if window.last == self._full:  # whatever is in it, it is not tried forever
                self._begun, self._memory = window.last, None
            raise
        words = self._placed(found.settled)
        if window.is_careful:  # perhaps it goes on: the engine forgets that it heard an end
            self._ending = _Ending(window.last, words)
            return Heard((), words)
        self._memory, self._ending = found.memory, None
        return Heard(words, self._placed(found.guess))

    @property
    def _full(self) -> int:
        return self.needed_from + int(self._engine.info.longest_window * SAMPLE_RATE)

    def _placed(self, words: Iterable[Word]) -> tuple[Word, ...]:
        """Return words at their times in the session."""
        offset = self._begun / SAMPLE_RATE
        return tuple(
            replace(word, start=word.start + offset, end=word.end + offset) for word in words
        )


def decoder_for(
    first: int, engine: Transcriber, options: TranscriptionOptions, pace: Pace
) -> LiveDecoder:
    """Return the decoder of an utterance: by its stream where the engine can, else by looks.

    Keywords are expected in windows alone.
    """
    can_stream = engine.info.has_streaming and not options.keywords
    if can_stream and isinstance(engine, StreamingTranscriber):
        return StreamDecoder(first, engine, options, pace)
    return LocalAgreement(first, engine, options, pace)
