"""Which words of a hypothesis that is made again and again will not change any more.

LocalAgreement-2 (Liu, Spanakis, Niehues 2020, "Low-Latency Sequence-to-Sequence Speech Recognition
and Translation by Partial Hypothesis Selection"; used with Whisper by Machacek, Dabre, Bojar 2023,
"Turning Whisper into Real-Time Transcription System"): the longest common prefix of two hypotheses
in a row is taken for settled.

Where a hypothesis has the settled words is told by their text, by as few edits as can be: times of
one word differ by half a second between two hypotheses and would lose the word that follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from quoth.domain.transcript import Word

NEAR = 1.0
"""Seconds after the beginning of a hypothesis in which words from before it may be heard again."""
LONGEST_REPEAT = 5
"""Words that may be heard again there."""
_SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")  # noqa: RUF001 - as they are written there
_AT_EDGES = ".,;:!?…\"'()[]«»“”‘’¿¡。，、？！"  # noqa: RUF001


@dataclass(slots=True)
class StableWords:
    """The settled words of one utterance and the guess of what follows; times in seconds.

    Args:
        settled: words that do not change.
        guess: what seems to follow.
        before: how many of the settled words hypotheses do not have, as they begin behind them.
    """

    settled: list[Word] = field(default_factory=list[Word])
    guess: list[Word] = field(default_factory=list[Word])
    before: int = 0

    def hear(self, hypothesis: Sequence[Word]) -> list[Word]:
        """Take what was heard of the utterance now; return the words that it settles."""
        following = self._after_settled(hypothesis)
        count = 0
        for word, before in zip(following, self.guess, strict=False):
            if _key(word) != _key(before):
                break
            count += 1
        if count and not _is_same_text(following[count - 1], self.guess[count - 1]):
            count -= 1  # its punctuation is open yet
        return self._settle(following[:count], following[count:])

    def hear_last(self, hypothesis: Sequence[Word]) -> list[Word]:
        """Take what was heard of the whole utterance; return the words that follow, all settled."""
        return self._settle(self._after_settled(hypothesis), [])

    def hear_until(self, hypothesis: Sequence[Word], end: float) -> list[Word]:
        """Settle what ends before a time, whether it was heard twice or not; return those words."""
        following = self._after_settled(hypothesis)
        count = next((i for i, word in enumerate(following) if word.end > end), len(following))
        return self._settle(following[:count], following[count:])

    def hear_no_more(self) -> list[Word]:
        """Take the guess for what follows; return it."""
        return self._settle(self.guess, [])

    def begin_at(self, start: float) -> None:
        """Let hypotheses begin at a time from now on."""
        self.before = sum((word.start + word.end) / 2 < start for word in self.settled)

    def sentence_end(self) -> float | None:
        """Return where the last settled sentence ends; None where none does."""
        ends = (word.end for word in reversed(self.settled) if word.text.endswith(_SENTENCE_ENDS))
        return next(ends, None)

    def _settle(self, settled: Sequence[Word], guess: Sequence[Word]) -> list[Word]:
        new: list[Word] = []
        latest = self.settled[-1].start if self.settled else 0.0
        for word in settled:
            latest = max(word.start, latest)
            new.append(replace(word, start=latest, end=max(word.end, latest)))
        self.settled += new
        self.guess = list(guess)
        return new

    def _after_settled(self, hypothesis: Sequence[Word]) -> list[Word]:
        """Return what a hypothesis has beyond the settled words."""
        words = list(hypothesis)
        words = words[self._repeated(words) :]
        again = self.settled[self.before :]
        if not again:
            return words
        following = words[_heard_again(again, words) :]
        return [word for word in following if word.end > again[-1].start]

    def _repeated(self, words: Sequence[Word]) -> int:
        """Return how many words from before the hypothesis it begins with."""
        known = self.settled[: self.before]
        for count in range(min(LONGEST_REPEAT, len(words), len(known)), 0, -1):
            is_near = words[count - 1].start - known[-1].end < NEAR
            if is_near and [*map(_key, words[:count])] == [*map(_key, known[-count:])]:
                return count
        return 0


def _heard_again(settled: Sequence[Word], words: Sequence[Word]) -> int:
    """Return how many words, from the first, are most likely the settled ones, which is not empty.

    Fewest edits (Levenshtein 1966); where that does not tell, the nearest end.
    """
    edits = list(range(len(words) + 1))
    for row, known in enumerate(map(_key, settled), start=1):
        above, edits = edits, [row]
        for column, word in enumerate(map(_key, words), start=1):
            changed = above[column - 1] + (word != known)
            edits.append(min(changed, above[column] + 1, edits[-1] + 1))
    ends = [settled[0].start, *(word.end for word in words)]
    away = [min(1.0, abs(end - settled[-1].end)) for end in ends]
    return min(range(len(words) + 1), key=lambda count: edits[count] + away[count])


def _key(word: Word) -> str:
    """Return what makes two words the same: case and punctuation change until a sentence ends."""
    return word.text.strip(_AT_EDGES).casefold() or word.text


def _is_same_text(one: Word, other: Word) -> bool:
    return one.text.casefold() == other.text.casefold()
