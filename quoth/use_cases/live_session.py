"""Words of sound while it comes in. Calls block: one thread hears, another recognises.

A growing utterance is recognised again and again from its last settled words on, and what two looks
in a row agree on is settled. Never more than one look is under way, so that a session costs one
engine's time at most however its client behaves.
"""

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np

from quoth.domain.audio import SAMPLE_RATE, Interval, Samples
from quoth.domain.errors import EngineError
from quoth.domain.live import (
    Cleared,
    Committed,
    LiveEvent,
    SpeechStarted,
    SpeechStopped,
    TextAdded,
    TextCompleted,
    TextFailed,
    TextGuessed,
)
from quoth.domain.live_audio import Piece, SoundBuffer
from quoth.domain.live_errors import NothingToCommit
from quoth.domain.transcript import Word, spaced
from quoth.domain.voice_activity import (
    FRAME_SAMPLES,
    SpeechBegan,
    SpeechEnded,
    TurnDetection,
    VoiceActivity,
)
from quoth.domain.windowing import Window
from quoth.ports.live import Hearing, SpeechMeter
from quoth.ports.progress import Progress
from quoth.ports.transcriber import Transcriber, TranscriptionOptions, WindowTask
from quoth.use_cases.live_pace import Pace
from quoth.use_cases.live_utterance import LONGEST_SECONDS, Pass, Utterance
from quoth.use_cases.observing import Clock

LEAST_COMMIT = 0.1
"""Seconds that an utterance has at least, as OpenAI has it."""
MOST_BACKLOG = 60.0
"""Seconds of sound that may wait for the engine; then no more is taken."""
PIECE_SECONDS = 10.0
"""Of sound looked at together, so that a large event costs no more memory than many small."""
MARGIN = SAMPLE_RATE // 2
"""Samples kept while nobody speaks, beside the padding: a beginning is noticed late."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How a session hears.

    Args:
        recognition: how words are recognised.
        turns: when an utterance begins and ends; None where its client says so.
        has_guesses: whether the client wants words that may still change.
    """

    recognition: TranscriptionOptions = TranscriptionOptions()
    turns: TurnDetection | None = field(default_factory=TurnDetection)
    has_guesses: bool = False


def new_item() -> str:
    """Return the name of another utterance."""
    return f"item_{uuid.uuid4().hex[:20]}"


class LiveSession:
    """Words of sound while it comes in.

    Args:
        transcriber: recognises words.
        meter: hears whether somebody speaks.
        options: how to hear.
        clock: monotonic seconds.
        told: is told of the seconds that each look took.
    """

    def __init__(
        self,
        transcriber: Transcriber,
        meter: SpeechMeter,
        options: LiveOptions,
        clock: Clock,
        told: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._transcriber = transcriber
        self._meter = meter
        self._options = options
        self._clock = clock
        self._told = told
        self._lock = Lock()
        self._events: list[LiveEvent] = []
        self._buffer = SoundBuffer()
        self._current: Utterance | None = None
        self._waiting: deque[Utterance] = deque()
        self._committed_until = 0
        self._last_item: str | None = None
        self._pace = Pace()
        self._rest: Samples = np.zeros(0, np.float32)
        self._hearing: Hearing | None = None
        self._activity = VoiceActivity()

    # --- what its client does; one thread at a time ---

    def change(self, transcriber: Transcriber, options: LiveOptions) -> None:
        """Hear in another way from now on; what has begun goes on."""
        with self._lock:
            is_another = (options.turns is None) != (self._options.turns is None)
            self._transcriber, self._options = transcriber, options
            if is_another:
                self._listen_anew()

    def hear(self, samples: Samples) -> None:
        """Take sound in: float32 in [-1, 1], shape (n,), at 16 kHz.

        Raises:
            EngineError: if it could not be told whether somebody speaks; the sound is kept.
        """
        size = int(PIECE_SECONDS * SAMPLE_RATE)
        for first in range(0, len(samples), size):
            self._hear(samples[first : first + size])

    def commit(self) -> None:
        """End the utterance here.

        Raises:
            NothingToCommit: if there is none to speak of.
        """
        with self._lock:
            begun = self._current
            first = max(self._committed_until, self._buffer.first)
            first = first if begun is None else begun.first
            seconds = (self._buffer.last - first) / SAMPLE_RATE
            if seconds < LEAST_COMMIT:
                raise NothingToCommit(seconds, LEAST_COMMIT)
            self._current = begun or self._utterance(first)
            self._commit(self._buffer.last)
            self._activity.rest()

    def clear(self) -> None:
        """Forget what came in and is not committed."""
        with self._lock:
            if self._current is not None:
                self._current.is_dropped = True
            self._current = None
            self._committed_until = self._buffer.last
            self._activity.rest()
            self._events.append(Cleared())
            self._let_go()

    def finish(self) -> None:
        """End what is being said, as there is no more to come."""
        with self._lock:
            current = self._current
            if current and self._buffer.last - current.first >= LEAST_COMMIT * SAMPLE_RATE:
                if self._options.turns is not None:
                    at = self._buffer.last / SAMPLE_RATE
                    self._events.append(SpeechStopped(current.item, at))
                self._commit(self._buffer.last)

    def take_events(self) -> list[LiveEvent]:
        """Return what has happened since the last call."""
        with self._lock:
            events, self._events = self._events, []
            return events

    @property
    def has_heard(self) -> bool:
        """Whether any sound came in."""
        return self._buffer.last > 0

    @property
    def has_room(self) -> bool:
        """Whether more sound can be taken in without waiting for the engine."""
        with self._lock:
            return self._buffer.last - self._needed_from() < MOST_BACKLOG * SAMPLE_RATE

    # --- what the engine does; another thread ---

    @property
    def is_due(self) -> bool:
        """Whether there is something to recognise now."""
        with self._lock:
            return self._next() is not None

    @property
    def is_done(self) -> bool:
        """Whether every utterance that was committed has its words."""
        with self._lock:
            return not self._waiting

    def recognise(self, progress: Progress) -> None:
        """Recognise what is due; without anything this does nothing.

        Raises:
            Cancelled: if `progress` raised it.
        """
        with self._lock:
            found = self._next()
            if found is None:
                return
            utterance, window = found
            engine, options = self._transcriber, self._options.recognition
            sound = Piece(self._buffer.cut(window.first, window.last))
            context = utterance.context(options.language)
        if context is not None and engine.info.has_prompt and not options.is_translated:
            options = replace(options, prompt=" ".join(filter(None, (options.prompt, context))))
        began = self._clock()
        try:
            words = _words(engine, sound, options, progress)
        except EngineError as error:
            with self._lock:
                self._failed(utterance, window, error)
            return
        took = self._clock() - began
        self._told(took)
        with self._lock:
            self._pace.took(took)
            if not utterance.is_dropped:
                self._recognised(utterance, window, words, options.language)
            self._let_go()

    # --- all below is done under the lock, but for the first ---

    def _hear(self, samples: Samples) -> None:
        turns = self._options.turns
        with self._lock:
            self._buffer.append(samples)
            if turns is None and self._current is None:
                self._current = self._utterance(self._committed_until)
        if turns is None:
            return
        pending = np.concatenate([self._rest, samples])
        whole = len(pending) - len(pending) % FRAME_SAMPLES
        self._rest = pending[whole:]
        if not whole:
            return
        likely, self._hearing = self._meter.listen(pending[:whole], self._hearing)
        with self._lock:
            for change in self._activity.advance(likely, turns):
                if isinstance(change, SpeechBegan):
                    self._began(change, turns)
                else:
                    self._ended(change)
            self._let_go()

    def _began(self, began: SpeechBegan, turns: TurnDetection) -> None:
        if self._current is not None:  # it began when its client still said where
            return
        padding = turns.prefix_padding_ms * SAMPLE_RATE // 1000
        first = max(self._committed_until, began.sample - padding, self._buffer.first)
        self._current = self._utterance(first)
        self._events.append(SpeechStarted(self._current.item, first / SAMPLE_RATE))

    def _ended(self, ended: SpeechEnded) -> None:
        if self._current is not None:
            end = min(ended.sample, self._buffer.last)
            self._events.append(SpeechStopped(self._current.item, end / SAMPLE_RATE))
            self._commit(end)

    def _listen_anew(self) -> None:
        self._rest, self._hearing = np.zeros(0, np.float32), None
        self._activity = VoiceActivity(self._buffer.last)

    def _utterance(self, first: int) -> Utterance:
        return Utterance(new_item(), first, start=first, heard_until=first)

    def _commit(self, end: int) -> None:
        utterance, self._current = self._current, None
        if utterance is None:
            return
        utterance.end = self._committed_until = end
        self._waiting.append(utterance)
        self._events.append(Committed(utterance.item, self._last_item))
        self._last_item = utterance.item

    def _next(self) -> tuple[Utterance, Pass] | None:
        utterance = self._waiting[0] if self._waiting else self._current
        if utterance is None:
            return None
        longest = min(LONGEST_SECONDS, self._transcriber.info.longest_window)
        window = utterance.next_pass(self._buffer.last, longest)
        fresh = (window.last - utterance.heard_until) / SAMPLE_RATE
        if window.is_whole or window.is_full or fresh >= self._pace.step:
            return utterance, window
        return None

    def _recognised(
        self, utterance: Utterance, window: Pass, words: list[Word], language: str | None
    ) -> None:
        known = utterance.stable.settled[-1] if utterance.stable.settled else None
        guessed = utterance.stable.guess
        settled = utterance.hear(window, words)
        if settled:
            text = "".join(spaced(settled, language, known))
            self._events.append(TextAdded(utterance.item, text, tuple(settled)))
        guess = utterance.stable.guess
        if self._options.has_guesses and not window.is_whole and (settled or guess != guessed):
            last = utterance.stable.settled[-1] if utterance.stable.settled else None
            text = "".join(spaced(guess, language, last))
            self._events.append(TextGuessed(utterance.item, text))
        if window.is_whole:
            seconds = (window.last - utterance.first) / SAMPLE_RATE
            text = utterance.text(language)
            self._events.append(TextCompleted(utterance.item, text, seconds))
            self._waiting.remove(utterance)

    def _failed(self, utterance: Utterance, window: Pass, error: EngineError) -> None:
        """Give an utterance up if it is whole; one that goes on is looked at again later."""
        utterance.heard_until = window.last
        if utterance.end is not None and not utterance.is_dropped:
            self._events.append(TextFailed(utterance.item, error))
            self._waiting.remove(utterance)
        elif window.is_full:  # whatever is in it, it is not looked at forever
            utterance.start = window.last
        self._let_go()

    def _needed_from(self) -> int:
        begun = [*self._waiting, *([self._current] if self._current else [])]
        return min((each.start for each in begun), default=self._buffer.last)

    def _let_go(self) -> None:
        turns = self._options.turns
        padding = 0 if turns is None else turns.prefix_padding_ms * SAMPLE_RATE // 1000 + MARGIN
        quiet_from = max(self._committed_until, self._buffer.last - padding)
        needed = self._needed_from()
        self._buffer.drop_before(needed if self._current else min(needed, quiet_from))


def _words(
    engine: Transcriber, sound: Piece, options: TranscriptionOptions, progress: Progress
) -> list[Word]:
    if not sound.sample_count:
        return []
    window = Window(Interval(0.0, sound.duration))
    return engine.transcribe([WindowTask(sound, window, options, is_urgent=True)], progress)[0]
