"""Where a sentence ends, as far as recognised words show it: marks, capitals and pauses."""

import re
from collections.abc import Sequence
from unicodedata import category

from quoth.domain.transcript import Word

_MARKS = frozenset(
    ".!?"
    "\N{HORIZONTAL ELLIPSIS}"
    "\N{IDEOGRAPHIC FULL STOP}"
    "\N{HALFWIDTH IDEOGRAPHIC FULL STOP}"
    "\N{FULLWIDTH FULL STOP}"
    "\N{FULLWIDTH EXCLAMATION MARK}"
    "\N{FULLWIDTH QUESTION MARK}"
    "\N{ARABIC QUESTION MARK}"
    "\N{ARABIC FULL STOP}"
    "\N{ARMENIAN FULL STOP}"
    "\N{DEVANAGARI DANDA}"
    "\N{ETHIOPIC FULL STOP}"
    "\N{KHMER SIGN KHAN}"
    "\N{MYANMAR SIGN SECTION}"
    "\N{TIBETAN MARK SHAD}"
)
_CLAUSE_MARKS = frozenset(
    ",;:-"
    "\N{EN DASH}"
    "\N{EM DASH}"
    "\N{IDEOGRAPHIC COMMA}"
    "\N{FULLWIDTH COMMA}"
    "\N{FULLWIDTH SEMICOLON}"
    "\N{FULLWIDTH COLON}"
    "\N{ARABIC COMMA}"
    "\N{ARABIC SEMICOLON}"
    "\N{ETHIOPIC COMMA}"
    "\N{MYANMAR SIGN LITTLE SECTION}"
)
_BRACKETS_AND_QUOTES = frozenset({"Ps", "Pe", "Pi", "Pf"})
"""Unicode categories of what opens and closes; the typewriter's quotes are in none of them."""

_ABBREVIATIONS = frozenset(
    {
        *("dr", "mr", "mrs", "ms", "mx", "prof", "st", "sr", "jr"),
        *("sra", "dra", "hr", "fr", "vs", "etc", "nr", "ca", "cf"),
        *("approx", "dept", "inc", "ltd", "corp", "mt", "gen", "lt", "sgt"),
        *("capt", "rev", "vol", "bzw", "usw", "ph.d"),
    }
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+|\d{1,2}\.")
_BREATH = 0.3
"""Seconds of pause from which even `Dr.` or a mark before a small letter ends a sentence."""


def ends_sentence(word: Word, following: Word | None) -> bool:
    """Tell whether a sentence ends with this word.

    A full stop may belong to an abbreviation, an initial or an ordinal (`Dr.`, `U.S.`, `3.`), and
    any mark may stand before a sentence that goes on in small letters (`"Stop!" he said`): these
    end one only where a pause follows.
    """
    text = _without_quotes(word.text)
    if text[-1:] not in _MARKS:
        return False
    if following is None or following.start - word.end >= _BREATH:
        return True
    return not (_without_quotes(following.text)[:1].islower() or _is_abbreviation(text))


def ends_clause(word: Word) -> bool:
    """Tell whether a comma or its like stands after this word."""
    return _without_quotes(word.text)[-1:] in _CLAUSE_MARKS


def sentences(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the sentences of a run of words as index ranges `[first, last)` that tile it."""
    ranges, first = [], 0
    for index, word in enumerate(words):
        last = index + 1
        following = words[last] if last < len(words) else None
        if following is None or ends_sentence(word, following):
            ranges.append((first, last))
            first = last
    return ranges


def _is_abbreviation(text: str) -> bool:
    bare = text.lower()
    return bare[-1] == "." and (
        bare[:-1] in _ABBREVIATIONS or _INITIALS.fullmatch(bare) is not None
    )


def _without_quotes(text: str) -> str:
    first, last = 0, len(text)
    while first < last and _is_quote(text[first]):
        first += 1
    while last > first and _is_quote(text[last - 1]):
        last -= 1
    return text[first:last]


def _is_quote(character: str) -> bool:
    return character in "\"'" or category(character) in _BRACKETS_AND_QUOTES
