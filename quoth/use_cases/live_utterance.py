"""One utterance of a live session: what of it is heard next, and what that settles."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.stability import StableWords
from quoth.domain.transcript import Word, spaced

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


@dataclass(frozen=True, slots=True)
class Pass:
    """A window of an utterance: samples `[first, last)` of the session.

    Args:
        first: where it begins.
        last: where it ends.
        is_whole: whether nothing of the utterance follows.
        is_full: whether it can become no longer.
    """

    first: int
    last: int
    is_whole: bool
    is_full: bool

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.last - self.first) / SAMPLE_RATE


@dataclass(slots=True, eq=False)
class Utterance:
    """What is said between two pauses, or two commits; places are samples of the session.

    Args:
        item: its name.
        first: where it begins.
        start: where the next window begins.
        heard_until: where the last window ended.
        end: where it ends; None while it goes on.
        is_dropped: whether nobody wants it any more.
        stable: its words.
    """

    item: str
    first: int
    start: int
    heard_until: int
    end: int | None = None
    is_dropped: bool = False
    stable: StableWords = field(default_factory=StableWords)

    def next_pass(self, there: int, longest: float) -> Pass:
        """Return the next window.

        Args:
            there: samples of the session that came in.
            longest: seconds of a window at most.
        """
        end = there if self.end is None else self.end
        full = self.start + int(longest * SAMPLE_RATE)
        last = max(min(full, end), self.start)
        return Pass(self.start, last, is_whole=last == self.end, is_full=last == full)

    def hear(self, window: Pass, words: Sequence[Word]) -> list[Word]:
        """Take the words of a window, times relative to it; return those that are settled now."""
        offset = window.first / SAMPLE_RATE
        shifted = [
            replace(word, start=word.start + offset, end=word.end + offset) for word in words
        ]
        self.heard_until = window.last
        if window.is_whole:
            return self.stable.hear_last(shifted)
        if window.is_full:
            return self._hear_full(window, shifted)
        settled = self.stable.hear(shifted)
        self._trim(window)
        return settled

    def text(self, language: str | None) -> str:
        """Return all that is settled."""
        return "".join(spaced(self.stable.settled, language))

    def context(self, language: str | None) -> str | None:
        """Return the end of the settled text if the next window begins behind it."""
        if self.start == self.first or not self.stable.settled:
            return None
        return self.text(language)[-CONTEXT_CHARACTERS:].partition(" ")[2] or None

    def _hear_full(self, window: Pass, words: Sequence[Word]) -> list[Word]:
        cut = window.last / SAMPLE_RATE - UNSURE_SECONDS
        settled = self.stable.hear_until(words, cut)
        guess = self.stable.guess
        begin = min(cut, guess[0].start) if guess else cut
        middle = (window.first + window.last) // 2
        self.start = max(middle, int(begin * SAMPLE_RATE))
        return settled

    def _trim(self, window: Pass) -> None:
        if window.seconds < TRIM_SECONDS or not self.stable.settled:
            return
        end = self.stable.sentence_end()
        if window.seconds >= LONG_SECONDS and (end is None or end * SAMPLE_RATE <= window.first):
            end = self.stable.settled[-1].end
        if end is not None:
            self.start = min(max(self.start, int(end * SAMPLE_RATE)), window.last)
