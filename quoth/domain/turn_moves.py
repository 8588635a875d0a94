"""Turns follow their words: when words are given to another speaker, who spoke when changes too."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from quoth.domain.audio import Interval
from quoth.domain.diarization import SpeakerTurn
from quoth.domain.speakers import speech_by_speaker
from quoth.domain.transcript import Word
from quoth.domain.word_selection import middle


def move_turns(
    turns: Sequence[SpeakerTurn],
    words: Sequence[Word],
    moved: Sequence[int],
    to: str,
    intervals: Sequence[Interval],
) -> list[SpeakerTurn]:
    """Return the turns after some words were given to another speaker.

    A turn goes where the words in it go that are its speaker's, and is cut halfway between them
    where they part. A turn in which its speaker says no word goes along if it is in the intervals.
    Where words that were given away are in no turn, they make one.

    Args:
        turns: of all speakers.
        words: in order, with the speakers they had.
        moved: indices of the words given away, rising, one or more.
        to: whose they are now.
        intervals: what the edit was about.
    """
    losing = {words[index].speaker for index in moved} - {to}
    start = min([words[moved[0]].start, *(one.start for one in intervals)])
    end = max([words[moved[-1]].end, *(one.end for one in intervals)])
    given = frozenset(moved)
    result: list[SpeakerTurn] = []
    for turn in turns:
        if turn.speaker in losing and turn.start <= end and turn.end >= start:
            result.extend(_divided(turn, words, given, to, intervals))
        else:
            result.append(turn)
    theirs = [one for one in result if one.speaker == to and one.start <= end and one.end >= start]
    return [*result, *_missing(speech_by_speaker(theirs).get(to, []), words, moved, to)]


def _divided(
    turn: SpeakerTurn,
    words: Sequence[Word],
    given: frozenset[int],
    to: str,
    intervals: Sequence[Interval],
) -> Iterator[SpeakerTurn]:
    first = bisect_left(words, turn.start, key=middle)
    last = bisect_right(words, turn.end, key=middle)
    own = [index for index in range(first, last) if words[index].speaker == turn.speaker]
    if not own:
        centre = (turn.start + turn.end) / 2
        is_given = any(one.start <= centre <= one.end for one in intervals)
        yield SpeakerTurn(turn.start, turn.end, to if is_given else turn.speaker)
        return
    runs = [(is_given, list(run)) for is_given, run in groupby(own, given.__contains__)]
    cuts = [
        (words[left[-1]].end + words[right[0]].start) / 2
        for (_, left), (_, right) in pairwise(runs)
    ]
    bounds = pairwise([turn.start, *cuts, turn.end])
    for (is_given, _), (start, end) in zip(runs, bounds, strict=True):
        yield SpeakerTurn(start, end, to if is_given else turn.speaker)


def _missing(
    speech: Sequence[Interval], words: Sequence[Word], moved: Sequence[int], to: str
) -> Iterator[SpeakerTurn]:
    """Yield a turn for each run of moved words that no speech of their new speaker covers."""

    def is_covered(index: int) -> bool:
        at = bisect_right(speech, middle(words[index]), key=lambda one: one.start)
        return at > 0 and speech[at - 1].end >= middle(words[index])

    lost = [index for index in moved if not is_covered(index)]
    for _, run in groupby(enumerate(lost), lambda numbered: numbered[1] - numbered[0]):
        indices = [index for _, index in run]
        yield SpeakerTurn(words[indices[0]].start, words[indices[-1]].end, to)
