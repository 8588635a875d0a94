"""The words of an utterance from an engine that takes windows.

The utterance is recognised again from its last settled words on as it grows, and what two looks in
a row agree on is settled (`domain.stability`).
"""

from collections.abc import Sequence
from dataclasses import replace

from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.errors import EngineError
from quoth.domain.live_audio import Piece
from quoth.domain.stability import StableWords
from quoth.domain.transcript import Word, spaced
from quoth.domain.windowing import Window
from quoth.ports.progress import Progress
from quoth.ports.transcriber import Transcriber, TranscriptionOptions, WindowTask
from quoth.use_cases.live_decoding import Heard, Pass
from quoth.use_cases.live_pace import Pace

LONGEST_SECONDS = 15.0
"""A window at most: what is longer is settled, whether it was heard twice or not."""
TRIM_SECONDS = 8.0
"""Of a window, from which it begins anew after the last settled sentence."""
LONG_SECONDS = 12.0
"""Of a window, from which it begins anew after the last settled word, in a sentence or not."""
UNSURE_SECONDS = 2.0
"""At the end of a window that is full: words there may be cut."""
CONTEXT_CHARACTERS = 200
"""Of settled text that an engine with prompts is told of when the window begins behind it."""


class LocalAgreement:
    """The `LiveDecoder` of an engine that takes windows.

    Args:
        first: sample of the session at which the utterance begins.
        engine: recognises words.
        options: how.
        pace: says how much new sound is worth another look.
    """

    def __init__(
        self, first: int, engine: Transcriber, options: TranscriptionOptions, pace: Pace
    ) -> None:
        self._first = first
        self._engine = engine
        self._options = options
        self._pace = pace
        self._start = first
        self._heard_until = first
        self._stable = StableWords()

    @property
    def needed_from(self) -> int:
        """Where the next window begins."""
        return self._start

    def next_pass(self, there: int, end: int | None) -> Pass | None:
        """Return the next window if it is whole, full, or has enough that is new."""
        known = there if end is None else end
        last = max(min(self._full, known), self._start)
        window = Pass(self._start, last, is_whole=last == end)
        fresh = (last - self._heard_until) / SAMPLE_RATE
        is_worth_it = window.is_whole or last == self._full or fresh >= self._pace.step
        return window if is_worth_it else None

    def decode(self, window: Pass, sound: Piece, progress: Progress) -> Heard:
        """Look at a window; see the port."""
        is_full = window.last == self._full
        self._heard_until = window.last
        try:
            words = self._look(sound, progress)
        except EngineError:
            if is_full:  # whatever is in it, it is not looked at forever
                self._start = window.last
            raise
        offset = window.first / SAMPLE_RATE
        shifted = [
            replace(word, start=word.start + offset, end=word.end + offset) for word in words
        ]
        settled = self._settle(window, shifted, is_full=is_full)
        return Heard(tuple(settled), tuple(self._stable.guess))

    @property
    def _full(self) -> int:
        longest = min(LONGEST_SECONDS, self._engine.info.longest_window)
        return self._start + int(longest * SAMPLE_RATE)

    def _look(self, sound: Piece, progress: Progress) -> list[Word]:
        if not sound.sample_count:
            return []
        options = self._options
        context = self._context()
        if context is not None and self._engine.info.has_prompt and not options.is_translated:
            options = replace(options, prompt=" ".join(filter(None, (options.prompt, context))))
        window = Window(Interval(0.0, sound.duration))
        task = WindowTask(sound, window, options, is_urgent=True)
        return self._engine.transcribe([task], progress)[0]

    def _context(self) -> str | None:
        """Return the end of the settled text if the next window begins behind it."""
        if self._start == self._first or not self._stable.settled:
            return None
        text = "".join(spaced(self._stable.settled, self._options.language))
        return text[-CONTEXT_CHARACTERS:].partition(" ")[2] or None

    def _settle(self, window: Pass, words: Sequence[Word], *, is_full: bool) -> list[Word]:
        if window.is_whole:
            return self._stable.hear_last(words)
        if is_full:
            return self._settle_full(window, words)
        settled = self._stable.hear(words)
        self._trim(window)
        return settled

    def _settle_full(self, window: Pass, words: Sequence[Word]) -> list[Word]:
        cut = window.last / SAMPLE_RATE - UNSURE_SECONDS
        settled = self._stable.hear_until(words, cut)
        guess = self._stable.guess
        begin = min(cut, guess[0].start) if guess else cut
        middle = (window.first + window.last) // 2
        self._start = max(middle, int(begin * SAMPLE_RATE))
        return settled

    def _trim(self, window: Pass) -> None:
        if window.seconds < TRIM_SECONDS or not self._stable.settled:
            return
        end = self._stable.sentence_end()
        if window.seconds >= LONG_SECONDS and (end is None or end * SAMPLE_RATE <= window.first):
            end = self._stable.settled[-1].end
        if end is not None:
            self._start = min(max(self._start, int(end * SAMPLE_RATE)), window.last)
