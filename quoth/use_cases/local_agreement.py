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
from quoth.use_cases.live_decoding import Extent, Heard, Pass
from quoth.use_cases.live_pace import Pace

LONGEST_SECONDS = 15.0
"""A window at most: what is longer is settled, whether it was heard twice or not."""
TRIM_SECONDS = 8.0
"""Of a window, from which it begins anew after the last settled sentence."""
LONG_SECONDS = 12.0
"""Of a window, from which it begins anew after the last settled word, in a sentence or not."""
UNSURE_SECONDS = 2.0
"""At the end of a window that is full: words there may be cut."""
FIRST_SECONDS = 0.8
"""Of an utterance, the padding before it included, after which it is first looked at."""
PAUSE = SAMPLE_RATE // 5
"""Samples of silence in which nobody says the rest of a word."""
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
        self._careful_until = first
        self._stable = StableWords()

    @property
    def needed_from(self) -> int:
        """Where the next window begins."""
        return self._start

    @property
    def has_begun(self) -> bool:
        """Whether it was looked at."""
        return self._heard_until > self._first

    def next_pass(self, extent: Extent) -> Pass | None:
        """Return the next window if it is whole, full, ends in a pause, or has enough that is new.

        In a pause an utterance most likely ends: what is heard then need not be heard again when
        that is known. One that ended before it was looked at, while the end of another was heard
        with care, is drafted first: it was waited for long enough.
        """
        pause = None if extent.quiet_from is None else extent.quiet_from + PAUSE
        is_heard = pause is not None and self._careful_until >= pause
        if extent.end is not None and (is_heard or extent.end <= self._start):
            return Pass(extent.end, extent.end, is_whole=True)
        if is_heard:
            return None
        known = extent.there if extent.end is None else extent.end
        last = max(min(self._full, known), self._start)
        window = Pass(self._start, last, is_whole=last == extent.end)
        is_late = extent.end is not None and not self.has_begun
        if is_late and window.seconds < TRIM_SECONDS:
            return replace(window, is_whole=False)
        if window.is_whole or last == self._full:
            return window
        is_paused = pause is not None and self._heard_until < pause <= last
        step = self._pace.step if self.has_begun else FIRST_SECONDS
        is_worth_it = is_paused or (last - self._heard_until) / SAMPLE_RATE >= step
        return replace(window, is_careful=is_paused) if is_worth_it else None

    def decode(self, window: Pass, sound: Piece, progress: Progress) -> Heard:
        """Look at a window; see the port."""
        if window.first == window.last:
            return Heard(tuple(self._stable.hear_no_more()), ())
        is_full = window.last == self._full
        self._heard_until = window.last
        try:
            words = self._look(window, sound, progress)
        except EngineError:
            if is_full:  # whatever is in it, it is not looked at forever
                self._begin_at(window.last)
            raise
        if window.is_careful:
            self._careful_until = window.last
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

    def _begin_at(self, sample: int) -> None:
        self._start = sample
        self._stable.begin_at(sample / SAMPLE_RATE)

    def _look(self, window: Pass, sound: Piece, progress: Progress) -> list[Word]:
        options = self._options
        context = self._context()
        if context is not None and self._engine.info.has_prompt and not options.is_translated:
            options = replace(options, prompt=" ".join(filter(None, (options.prompt, context))))
        is_draft = not (window.is_careful or window.is_whole or window.last == self._full)
        whole = Window(Interval(0.0, sound.duration))
        task = WindowTask(sound, whole, options, is_urgent=True, is_draft=is_draft)
        return self._engine.transcribe([task], progress)[0]

    def _context(self) -> str | None:
        """Return the end of the text before the window: an engine leaves out what it was told."""
        if not self._stable.before:
            return None
        before = self._stable.settled[: self._stable.before]
        text = "".join(spaced(before, self._options.language))
        end = text[-CONTEXT_CHARACTERS:]
        return end if end == text else end.partition(" ")[2] or end

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
        self._begin_at(max(middle, int(begin * SAMPLE_RATE)))
        return settled

    def _trim(self, window: Pass) -> None:
        if window.seconds < TRIM_SECONDS or not self._stable.settled:
            return
        end = self._stable.sentence_end()
        if window.seconds >= LONG_SECONDS and (end is None or end * SAMPLE_RATE <= window.first):
            end = self._stable.settled[-1].end
        if end is not None:
            self._begin_at(min(max(self._start, int(end * SAMPLE_RATE)), window.last))
