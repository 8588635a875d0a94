"""Which words of a hypothesis that is made again and again will not change any more.

LocalAgreement-2 (Liu, Spanakis, Niehues 2020, "Low-Latency Sequence-to-Sequence Speech Recognition
and Translation by Partial Hypothesis Selection"; used with Whisper by Machacek, Dabre, Bojar 2023,
"Turning Whisper into Real-Time Transcription System"): the longest common prefix of two hypotheses
in a row is taken for settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from quoth.domain.transcript import Word

SLACK = 0.1
"""Seconds by which a settled word may seem to begin later when it is heard again."""
NEAR = 1.0
"""Seconds after the last settled word in which its like is taken for itself heard again."""
LONGEST_REPEAT = 5
"""Words that may be heard again at the seam."""
_SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")  # noqa: RUF001 - as they are written there
_AT_EDGES = ".,;:!?…\"'()[]«»“”‘’¿¡。，、？！"  # noqa: RUF001


@dataclass(slots=True)
class StableWords:
    """The settled words of one utterance and the guess of what follows; times in seconds."""

    settled: list[Word] = field(default_factory=list[Word])
    guess: list[Word] = field(default_factory=list[Word])

    def hear(self, hypothesis: Sequence[Word]) -> list[Word]:
        """Take what was heard of the utterance now; return the words that it settles.

        Args:
            hypothesis: words in order; those from before the last settled word may be missing.
        """
        following = self._after_settled(hypothesis)
        count = 0
        for word, before in zip(following, self.guess, strict=False):
            if _key(word) != _key(before):
                break
            count += 1
        return self._settle(following[:count], following[count:])

    def hear_last(self, hypothesis: Sequence[Word]) -> list[Word]:
        """Take what was heard of the whole utterance; return the words that follow, all settled."""
        return self._settle(self._after_settled(hypothesis), [])

    def hear_until(self, hypothesis: Sequence[Word], end: float) -> list[Word]:
        """Settle what ends before a time, whether it was heard twice or not; return those words."""
        following = self._after_settled(hypothesis)
        count = next((i for i, word in enumerate(following) if word.end > end), len(following))
        return self._settle(following[:count], following[count:])

    def sentence_end(self) -> float | None:
        """Return where the last settled sentence ends; None where none does."""
        ends = (word.end for word in reversed(self.settled) if word.text.endswith(_SENTENCE_ENDS))
        return next(ends, None)

    def _settle(self, settled: Sequence[Word], guess: Sequence[Word]) -> list[Word]:
        self.settled += settled
        self.guess = list(guess)
        return list(settled)

    def _after_settled(self, hypothesis: Sequence[Word]) -> list[Word]:
        """Return what a hypothesis has beyond the settled words."""
        if not self.settled:
            return list(hypothesis)
        end = self.settled[-1].end
        following = [word for word in hypothesis if word.start > end - SLACK]
        if following and following[0].start - end < NEAR:
            for count in range(min(LONGEST_REPEAT, len(following), len(self.settled)), 0, -1):
                again, known = following[:count], self.settled[-count:]
                if [*map(_key, again)] == [*map(_key, known)]:
                    return following[count:]
        return following


def _key(word: Word) -> str:
    """Return what makes two words the same: case and punctuation change until a sentence ends."""
    return word.text.strip(_AT_EDGES).casefold() or word.text
