"""Who said each word: recognised words meet speaker turns.

Words and turns come from two models whose times disagree by some tenths of a second, so the turn
under a word is evidence, not proof. People seldom hand over in the middle of a sentence; that
evidence counts too. The speakers assigned are those that explain both best, found by dynamic
programming (Viterbi 1967) with a price on every change of speaker.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import Interval
from quoth.domain.diarization import Diarization
from quoth.domain.sentences import ends_clause, ends_sentence
from quoth.domain.speakers import speech_by_speaker
from quoth.domain.transcript import Word

Costs: TypeAlias = NDArray[np.float64]

_SHORTEST_WORD = 0.02
"""Seconds given to a word without duration, so that it overlaps something."""

_ROUNDING = 1e-6
"""Seconds or share of a word that are nothing but floating-point noise."""


@dataclass(frozen=True, slots=True)
class AssignmentSettings:
    """What counts for and against a speaker. The unit of prices: a word outside all turns.

    Args:
        tolerance: seconds by which the times of words and turns may disagree.
        longest_word: seconds of a word that count; recognisers stretch words over pauses.
        reach: seconds within which a turn attracts words that lie outside all turns.
        price_of_distance: for each second to the nearest turn edge, up to `reach`.
        price_of_change: for another speaker in the middle of a clause.
        price_at_clause: for another speaker after a comma or its like.
        price_at_sentence: for another speaker at the start of a sentence.

    Raises:
        ValueError: if a number is negative or `longest_word` is 0.
    """

    tolerance: float = 0.1
    longest_word: float = 1.0
    reach: float = 1.0
    price_of_distance: float = 0.5
    price_of_change: float = 1.5
    price_at_clause: float = 0.8
    price_at_sentence: float = 0.2

    def __post_init__(self) -> None:
        prices = (self.price_of_change, self.price_at_clause, self.price_at_sentence)
        if self.longest_word <= 0 or min(self.tolerance, self.reach, self.price_of_distance) < 0:
            raise ValueError(f"impossible assignment settings: {self}")
        if min(prices) < 0:
            raise ValueError(f"impossible assignment settings: {self}")


DEFAULT_ASSIGNMENT = AssignmentSettings()


def assign_speakers(
    words: Sequence[Word],
    diarization: Diarization,
    settings: AssignmentSettings = DEFAULT_ASSIGNMENT,
) -> list[Word]:
    """Say who spoke each word; nothing else about the words changes.

    A word is drawn to the speaker whose turns cover most of it, where turns overlap to any of
    them, and outside all turns to the nearest. A word well inside the turns of one
    speaker, and of nobody else, is that speaker's: interjections are kept. Words in doubt go
    where changes of speaker are fewest and fall best: between sentences, or else after a comma.
    Words far from all turns stay with the previous speaker.

    Args:
        words: in order.
        diarization: its overlapping turns are used, or the exclusive ones where it has no others.
        settings: what counts for and against a speaker.

    Returns:
        The words in the same order; every speaker is None where there are no turns.
    """
    speech = speech_by_speaker(diarization.turns or diarization.exclusive)
    if not speech:
        return [replace(word, speaker=None) for word in words]
    if not words:
        return []
    costs = np.stack([_costs(words, turns, settings) for turns in speech.values()], axis=1)
    path = _cheapest_path(_settled(costs), _prices(words, costs, settings))
    speakers = list(speech)
    return [replace(word, speaker=speakers[at]) for word, at in zip(words, path, strict=True)]


def _costs(words: Sequence[Word], turns: Sequence[Interval], settings: AssignmentSettings) -> Costs:
    """Return what each word costs one speaker, shape (words,): 0 inside a turn, 1 or more outside.

    Args:
        words: any.
        turns: of that speaker, in order, apart from one another.
        settings: how long words are and how far turns reach.
    """
    starts = np.array([word.start for word in words]) - settings.tolerance
    lengths = np.array([word.end - word.start for word in words])
    ends = starts + np.clip(lengths, _SHORTEST_WORD, settings.longest_word) + 2 * settings.tolerance
    bounds = np.array([(turn.start, turn.end) for turn in turns])
    spoken_before = np.cumsum(bounds[:, 1] - bounds[:, 0])
    seconds = np.stack([np.append(0.0, spoken_before[:-1]), spoken_before], axis=1).ravel()
    covered = np.interp(ends, bounds.ravel(), seconds) - np.interp(starts, bounds.ravel(), seconds)
    missing = 1 - covered / (ends - starts)

    following = np.searchsorted(bounds[:, 0], ends)
    fenced = np.concatenate([[[-np.inf, -np.inf]], bounds, [[np.inf, np.inf]]])
    gaps = np.minimum(starts - fenced[following, 1], fenced[following + 1, 0] - ends)
    distance = np.clip(gaps, 0, settings.reach) * settings.price_of_distance
    costs: Costs = np.where(covered > _ROUNDING, missing, 1 + distance)
    return costs


def _settled(costs: Costs) -> Costs:
    """Forbid every other speaker where a word lies inside the turns of exactly one."""
    inside = costs <= _ROUNDING
    settled = (inside.sum(axis=1) == 1) & ((costs < 1).sum(axis=1) == 1)
    return np.where(settled[:, None] & ~inside, np.inf, costs)


def _prices(words: Sequence[Word], costs: Costs, settings: AssignmentSettings) -> list[float]:
    """Return the price of another speaker from each word to the next, words - 1 of them."""
    out_of_reach = costs.min(axis=1) >= 1 + settings.reach * settings.price_of_distance
    return [
        settings.price_of_change if is_lost else _price(left, right, settings)
        for (left, right), is_lost in zip(pairwise(words), out_of_reach[1:], strict=True)
    ]


def _price(left: Word, right: Word, settings: AssignmentSettings) -> float:
    if ends_sentence(left, right):
        return settings.price_at_sentence
    return settings.price_at_clause if ends_clause(left) else settings.price_of_change


def _cheapest_path(costs: Costs, prices: Sequence[float]) -> list[int]:
    """Return the column to take in each row so that costs and prices of changes are least.

    Args:
        costs: shape (rows, columns); some column of each row is finite.
        prices: of changing the column after each row but the last.
    """
    totals = costs[0]
    stays, origins = [], []
    for row, price in zip(costs[1:], prices, strict=True):
        origin = int(totals.argmin())
        changed = totals[origin] + price
        stays.append(totals <= changed)
        origins.append(origin)
        totals = np.minimum(totals, changed) + row
    path = [int(totals.argmin())]
    for stay, origin in zip(reversed(stays), reversed(origins), strict=True):
        path.append(path[-1] if stay[path[-1]] else origin)
    return path[::-1]
