"""Words of sound while it comes in. Calls block: one thread hears, another recognises.

Never more than one pass is under way, so that a session costs one engine's time at most however
its client behaves. What a pass is and what it settles is for a `LiveDecoder` to say.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.errors import EngineError
from quoth.domain.live import (
    Cleared,
    LiveEvent,
    SpeechStarted,
    SpeechStopped,
    TextFailed,
)
from quoth.domain.live_audio import Piece, SoundBuffer
from quoth.domain.live_errors import NothingToCommit
from quoth.domain.voice_activity import SpeechBegan, SpeechEnded, TurnDetection
from quoth.ports.live import SpeechMeter
from quoth.ports.progress import Progress
from quoth.ports.transcriber import Transcriber, TranscriptionOptions
from quoth.use_cases.live_decoding import MakeDecoder
from quoth.use_cases.live_pace import Pace
from quoth.use_cases.live_queue import UtteranceQueue
from quoth.use_cases.live_streams import decoder_for
from quoth.use_cases.live_turns import TurnTaking
from quoth.use_cases.live_utterance import Utterance
from quoth.use_cases.observing import Clock

LEAST_COMMIT = 0.1
"""Seconds that an utterance has at least, as OpenAI has it."""
MOST_BACKLOG = 60.0
"""Seconds of sound that may wait for the engine; then no more is taken."""
PIECE_SECONDS = 10.0
"""Of sound looked at together, so that a large event costs no more memory than many small."""
TAIL = 3 * SAMPLE_RATE // 10
"""Samples of the silence at the end of a turn that belong to it; the rest may be the beginning of
the next, which is noticed late."""
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


class LiveSession:
    """Words of sound while it comes in.

    Args:
        transcriber: recognises words.
        meter: hears whether somebody speaks.
        options: how to hear.
        clock: monotonic seconds.
        told: is told of the seconds that each pass took.
        make_decoder: makes what gives the words of an utterance.
    """

    def __init__(
        self,
        transcriber: Transcriber,
        meter: SpeechMeter,
        options: LiveOptions,
        clock: Clock,
        *,
        told: Callable[[float], None] = lambda _: None,
        make_decoder: MakeDecoder = decoder_for,
    ) -> None:
        self._transcriber = transcriber
        self._turns = TurnTaking(meter)
        self._options = options
        self._clock = clock
        self._told = told
        self._make_decoder = make_decoder
        self._lock = Lock()
        self._events: list[LiveEvent] = []
        self._buffer = SoundBuffer()
        self._queue = UtteranceQueue(self._buffer)
        self._pace = Pace()

    # --- what its client does; one thread at a time ---

    def change(self, transcriber: Transcriber, options: LiveOptions) -> None:
        """Hear in another way from now on; what has begun goes on."""
        with self._lock:
            is_another = (options.turns is None) != (self._options.turns is None)
            self._transcriber, self._options = transcriber, options
            if is_another:
                self._turns.listen_anew(self._buffer.last)

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
            begun = self._queue.current
            first = max(self._queue.committed_until, self._buffer.first)
            first = first if begun is None else begun.first
            seconds = (self._buffer.last - first) / SAMPLE_RATE
            if seconds < LEAST_COMMIT:
                raise NothingToCommit(seconds, LEAST_COMMIT)
            self._commit(begun or self._utterance(first), self._buffer.last)
            self._turns.rest()

    def clear(self) -> None:
        """Forget what came in and is not committed."""
        with self._lock:
            self._queue.clear()
            self._turns.rest()
            self._events.append(Cleared())
            self._let_go()

    def finish(self) -> None:
        """End what is being said, as there is no more to come."""
        with self._lock:
            current = self._queue.current
            if current and self._buffer.last - current.first >= LEAST_COMMIT * SAMPLE_RATE:
                if self._options.turns is not None:
                    at = self._buffer.last / SAMPLE_RATE
                    self._events.append(SpeechStopped(current.item, at))
                self._commit(current, self._buffer.last)

    def take_events(self) -> list[LiveEvent]:
        """Return what has happened since the last call."""
        with self._lock:
            events, self._events = self._events, []
            return events

    @property
    def has_room(self) -> bool:
        """Whether more sound can be taken in without waiting for the engine."""
        with self._lock:
            return self._buffer.last - self._queue.needed_from < MOST_BACKLOG * SAMPLE_RATE

    # --- what the engine does; another thread ---

    @property
    def is_due(self) -> bool:
        """Whether there is something to recognise now."""
        with self._lock:
            return self._queue.next(self._turns.quiet_from) is not None

    @property
    def is_done(self) -> bool:
        """Whether every utterance that was committed has its words."""
        with self._lock:
            return not self._queue.is_waiting

    def recognise(self, progress: Progress) -> None:
        """Recognise what is due; without anything this does nothing.

        Raises:
            Cancelled: if `progress` raised it.
        """
        with self._lock:
            found = self._queue.next(self._turns.quiet_from)
            if found is None:
                return
            utterance, window = found
            sound = Piece(self._buffer.cut(window.first, window.last))
        began = self._clock()
        try:
            heard = utterance.decoder.decode(window, sound, progress)
        except EngineError as error:
            with self._lock:
                self._failed(utterance, error)
            return
        if sound.sample_count:
            self._pace.took(self._clock() - began)
            self._told(self._clock() - began)
        with self._lock:
            if not utterance.is_dropped:
                has_guesses = self._options.has_guesses
                self._events += utterance.take(window, heard, has_guesses=has_guesses)
                if window.is_whole:
                    self._queue.remove(utterance)
            self._let_go()

    # --- all below is done under the lock, but for the first ---

    def _hear(self, samples: Samples) -> None:
        turns = self._options.turns
        with self._lock:
            self._buffer.append(samples)
            if turns is None and self._queue.current is None:
                self._queue.current = self._utterance(self._queue.committed_until)
        if turns is None:
            return
        changes = self._turns.listen(samples, turns)
        with self._lock:
            for change in changes:
                if isinstance(change, SpeechBegan):
                    self._began(change, turns)
                else:
                    self._ended(change)
            self._let_go()

    def _began(self, began: SpeechBegan, turns: TurnDetection) -> None:
        if self._queue.current is not None:  # it began when its client still said where
            return
        padding = turns.prefix_padding_ms * SAMPLE_RATE // 1000
        first = max(self._queue.committed_until, began.sample - padding, self._buffer.first)
        utterance = self._queue.current = self._utterance(first)
        self._events.append(SpeechStarted(utterance.item, first / SAMPLE_RATE))

    def _ended(self, ended: SpeechEnded) -> None:
        utterance = self._queue.current
        if utterance is not None:
            stopped = min(ended.sample, self._buffer.last)
            utterance.quiet_from = ended.quiet_from
            self._events.append(SpeechStopped(utterance.item, stopped / SAMPLE_RATE))
            quiet = stopped if ended.quiet_from is None else ended.quiet_from
            self._commit(utterance, min(stopped, quiet + TAIL))

    def _utterance(self, first: int) -> Utterance:
        recognition = self._options.recognition
        decoder = self._make_decoder(first, self._transcriber, recognition, self._pace)
        return Utterance(first, decoder, recognition.language)

    def _commit(self, utterance: Utterance, end: int) -> None:
        self._events.append(self._queue.commit(utterance, end))

    def _failed(self, utterance: Utterance, error: EngineError) -> None:
        """Give an utterance up if it is whole; one that goes on is decoded again later."""
        if utterance.end is not None and not utterance.is_dropped:
            self._events.append(TextFailed(utterance.item, error))
            self._queue.remove(utterance)
        self._let_go()

    def _let_go(self) -> None:
        turns = self._options.turns
        padding = 0 if turns is None else turns.prefix_padding_ms * SAMPLE_RATE // 1000 + MARGIN
        self._queue.let_go(padding)
