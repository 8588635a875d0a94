"""Breaking the text of one cue into lines."""

from collections.abc import Sequence

from quoth.formats.cue_tokens import Token
from quoth.formats.cues import columns

_MOST_LINES = 2


class Wrap:
    """Fills lines with tokens one by one, to learn whether they fit."""

    def __init__(self, limit: int, prefix: str) -> None:
        self._limit = limit
        self._used = columns(prefix)
        self._lines = 1
        self.width = self._used

    def add(self, token: Token) -> bool:
        """Put a token after the last and return whether all still fit."""
        width = columns(token.text)
        space = int(token.has_space and self._used > 0)
        self.width += space + width
        if self._used + space + width <= self._limit:
            self._used += space + width
        else:
            self._lines += 1
            self._used = width
        return self._lines <= _MOST_LINES


def break_lines(tokens: Sequence[Token], prefix: str, limit: int) -> tuple[str, ...]:
    """Return the text on one line if it fits, else on two of about the same length.

    A break after punctuation is worth some balance, and the lower line may be the longer.
    """
    whole = _joined(tokens, prefix)
    if columns(whole) <= limit:
        return (whole,)
    places = range(0 if prefix else 1, len(tokens))
    if not places:
        return (whole,)
    at = min(places, key=lambda at: _break_cost(tokens, at, prefix, limit))
    return _joined(tokens[:at], prefix), _joined(tokens[at:], "")


def _joined(tokens: Sequence[Token], prefix: str) -> str:
    text = prefix
    for token in tokens:
        text += f" {token.text}" if text and (token.has_space or text == prefix) else token.text
    return text


def _break_cost(tokens: Sequence[Token], at: int, prefix: str, limit: int) -> float:
    top, bottom = columns(_joined(tokens[:at], prefix)), columns(_joined(tokens[at:], ""))
    too_wide = 1000 * max(0, top - limit, bottom - limit)
    is_at_stop = at > 0 and (tokens[at - 1].ends_sentence or tokens[at - 1].ends_clause)
    inside_word = limit if tokens[at].continues_word else 0
    top_heavy = 2 if top > bottom else 0
    return too_wide + abs(top - bottom) + top_heavy + inside_word - is_at_stop * limit / 4
