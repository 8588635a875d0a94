"""Cutting what one speaker says into cues, by the cheapest way through all places to cut."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from quoth.formats.cue_lines import Wrap
from quoth.formats.cue_timing import CueTiming
from quoth.formats.cue_tokens import Token

_LONG_PAUSE_MS = 500
_PAUSE_MS = 250
_NEVER_INSIDE_MS = 1500


def cut(
    tokens: Sequence[Token], label: str, limit: int, timing: CueTiming
) -> list[Sequence[Token]]:
    """Return the tokens of one speaker, in order, as the cheapest row of cues.

    Args:
        tokens: what was said.
        label: what stands before the first token, or nothing.
        limit: columns of a line.
        timing: how long cues should stay.
    """
    breaks = [_break_cost(left, right) for left, right in pairwise(tokens)] + [0.0]
    best = [0.0] + [inf] * len(tokens)
    came_from = [0] * (len(tokens) + 1)
    for first in range(len(tokens)):
        wrap, inside = Wrap(limit, label if first == 0 else ""), 0.0
        for last in range(first + 1, len(tokens) + 1):
            token = tokens[last - 1]
            is_alone = last == first + 1
            if not is_alone:
                inside += _inside_cost(tokens[last - 2], token)
            fits = wrap.add(token) and token.end_ms - tokens[first].start_ms <= timing.longest_ms
            if not (is_alone or fits) or inside == inf:
                break
            cost = (
                best[first]
                + inside
                + breaks[last - 1]
                + _cue_cost(tokens, first, last, wrap, timing)
            )
            if cost < best[last]:
                best[last], came_from[last] = cost, first
    return [tokens[first:last] for first, last in _ranges(came_from)]


def _ranges(came_from: Sequence[int]) -> list[tuple[int, int]]:
    last, found = len(came_from) - 1, []
    while last > 0:
        found.append((came_from[last], last))
        last = came_from[last]
    return found[::-1]


def _break_cost(left: Token, right: Token) -> float:
    """Return how much it hurts to end a cue between two tokens."""
    pause = right.start_ms - left.end_ms
    if left.ends_sentence:
        return 0.0
    if right.continues_word:
        return 20.0
    if pause >= _LONG_PAUSE_MS:
        return 0.5
    if left.ends_clause:
        return 2.0
    return 3.0 if pause >= _PAUSE_MS else 8.0


def _inside_cost(left: Token, right: Token) -> float:
    """Return how much it hurts to run a cue on over the gap between two tokens."""
    pause = right.start_ms - left.end_ms
    if pause > _NEVER_INSIDE_MS:
        return inf
    if left.ends_sentence:
        return 2.0 if pause < _LONG_PAUSE_MS else 4.0
    return 2.0 if pause >= _LONG_PAUSE_MS else 0.0


def _cue_cost(
    tokens: Sequence[Token], first: int, last: int, wrap: Wrap, timing: CueTiming
) -> float:
    """Return how much a cue hurts by itself: being there, flashing by, being a scrap."""
    start, end = tokens[first].start_ms, tokens[last - 1].end_ms
    end = tokens[last].start_ms if last < len(tokens) else end + timing.shortest_ms
    flash = max(0, timing.shortest_ms - (end - start)) / 1000
    hurry = max(0, timing.wanted_ms(wrap.width) - (end - start)) / 1000
    return 3.0 + 6.0 * flash + 2.0 * hurry
