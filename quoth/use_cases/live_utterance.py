"""One utterance of a live session: its place, its words, and what its client is told of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.live import LiveEvent, TextAdded, TextCompleted, TextGuessed
from quoth.domain.transcript import Word, spaced
from quoth.use_cases.live_decoding import Heard, LiveDecoder, Pass


def new_item() -> str:
    """Return the name of another utterance."""
    return f"item_{uuid.uuid4().hex[:20]}"


@dataclass(slots=True, eq=False)
class Utterance:
    """What is said between two pauses, or two commits; places are samples of the session.

    Args:
        first: where it begins.
        decoder: gives its words.
        language: of them, None where unknown.
        item: its name.
        quiet_from: where the silence at its end begins; None where nobody listened for it.
        end: where it ends; None while it goes on.
        is_dropped: whether nobody wants it any more.
        words: that are settled.
        guess: words that seem to follow.
    """

    first: int
    decoder: LiveDecoder
    language: str | None
    item: str = field(default_factory=new_item)
    quiet_from: int | None = None
    end: int | None = None
    is_dropped: bool = False
    words: list[Word] = field(default_factory=list[Word])
    guess: Sequence[Word] = ()

    def take(self, window: Pass, heard: Heard, *, has_guesses: bool) -> list[LiveEvent]:
        """Take what a pass brought; return what there is to tell.

        Args:
            window: the pass.
            heard: what it brought.
            has_guesses: whether to tell words that may still change.
        """
        told: list[LiveEvent] = []
        if heard.settled:
            text = self._following(heard.settled)
            told.append(TextAdded(self.item, text, heard.settled))
            self.words += heard.settled
        is_news = bool(heard.settled) or list(heard.guess) != list(self.guess)
        if has_guesses and is_news and not window.is_whole:
            told.append(TextGuessed(self.item, self._following(heard.guess)))
        self.guess = heard.guess
        if window.is_whole:
            seconds = ((self.end or window.last) - self.first) / SAMPLE_RATE
            text = "".join(spaced(self.words, self.language))
            told.append(TextCompleted(self.item, text, seconds))
        return told

    def _following(self, words: Sequence[Word]) -> str:
        before = self.words[-1] if self.words else None
        return "".join(spaced(words, self.language, before))
