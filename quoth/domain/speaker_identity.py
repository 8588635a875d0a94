"""Who is who when the speakers of the same recording are told apart anew.

Ids mean nothing from one time to the next. What stays is when people spoke.
"""

from collections.abc import Sequence

from quoth.domain.audio import Interval
from quoth.domain.edit_errors import SpeakerNotFoundAgain
from quoth.domain.edits import Basis
from quoth.domain.speakers import speech_by_speaker
from quoth.domain.transcript import Transcript

_CLEAR_SHARE = 0.5
"""How much of what somebody said the one says who is the same person, and the other way round."""
_CLEAR_FACTOR = 2.0
"""How many times more that is than what anybody else says of it."""


def basis_of(transcript: Transcript) -> Basis:
    """Return when each speaker speaks, by turns, in which they were heard."""
    speech: dict[str, list[Interval]] = {speaker.id: [] for speaker in transcript.speakers}
    speech |= speech_by_speaker(transcript.turns)
    return Basis(
        {
            speaker: tuple(Interval(round(one.start, 3), round(one.end, 3)) for one in intervals)
            for speaker, intervals in speech.items()
        }
    )


class Identities:
    """The speakers of one basis among those of another.

    Args:
        old: whom edits speak of.
        new: who is there now.
    """

    def __init__(self, old: Basis, new: Basis) -> None:
        is_same = old == new  # then ids mean what they meant, however people talk over one another
        self._old = {} if is_same else old.speech
        self._new = {} if is_same else new.speech
        self._shared = {
            (before, now): _overlap(said, heard)
            for before, said in self._old.items()
            for now, heard in self._new.items()
        }

    def now(self, speaker: str) -> str:
        """Return the one who is the same person: most of both is what both say.

        Raises:
            SpeakerNotFoundAgain: if that is nobody clearly.
        """
        became = self.became(speaker)
        if self._mostly(became) != speaker:
            detail = f"what they said is now a lesser part of what speaker {became!r} says"
            raise SpeakerNotFoundAgain(speaker, detail)
        return became

    def became(self, speaker: str) -> str:
        """Return the one who says now most of what a speaker said, and maybe more.

        Raises:
            SpeakerNotFoundAgain: if nobody says most of it.
        """
        if speaker not in self._old:
            return speaker
        shares = sorted(((self._shared[speaker, now], now) for now in self._new), reverse=True)
        said = sum(one.duration for one in self._old[speaker])
        (most, became), (next_most, _) = [*shares, (0.0, ""), (0.0, "")][:2]
        if most <= 0 or most < _CLEAR_SHARE * said or most < _CLEAR_FACTOR * next_most:
            raise SpeakerNotFoundAgain(speaker, "what they said is no longer one speaker's")
        return became

    def made_of(self, speaker: str) -> list[str]:
        """Return everybody now who is mostly that speaker.

        Raises:
            SpeakerNotFoundAgain: if nobody is.
        """
        if speaker not in self._old:
            return [speaker]
        if not (found := [now for now in self._new if self._mostly(now) == speaker]):
            raise SpeakerNotFoundAgain(speaker, "nobody is now mostly that speaker")
        return found

    def _mostly(self, now: str) -> str | None:
        """Return the old speaker who said at least half of what a new one says, None for nobody."""
        if now not in self._new or not self._old:
            return now
        most, mostly = max((self._shared[before, now], before) for before in self._old)
        said = sum(one.duration for one in self._new[now])
        return mostly if most > 0 and most >= _CLEAR_SHARE * said else None


def _overlap(left: Sequence[Interval], right: Sequence[Interval]) -> float:
    """Return the seconds that both cover; each in order and without overlaps in itself."""
    shared, first, second = 0.0, 0, 0
    while first < len(left) and second < len(right):
        shared += left[first].overlap(right[second])
        if left[first].end <= right[second].end:
            first += 1
        else:
            second += 1
    return shared
