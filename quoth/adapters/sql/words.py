"""Text as both databases take it, and the words in it."""

import re
import unicodedata

MOST_WORDS = 20
"""Of one question."""
LONGEST_WORD = 64
"""Characters that count; some scripts write whole sentences without a space."""
MOST_BYTES = 400_000
"""Of the distinct words of one text. A tsvector holds a megabyte, with up to five bytes for each
word beside its letters."""

# \w knows no vowel signs: without them it would cut words of many scripts to pieces.
_MARKS = "".join(
    chr(code) for code in range(0x300, 0x1D00) if unicodedata.category(chr(code)).startswith("M")
)
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")


def _accented_latin() -> dict[int, str]:
    """Return letters with the ones they are without accents."""
    letters = {}
    for code in range(0xC0, 0x1F00):
        plain = unicodedata.normalize("NFD", chr(code))[0]
        if plain.isascii():
            letters[code] = plain
    return letters


_WITHOUT_ACCENTS = _accented_latin()


def storable(text: str) -> str:
    """Return text without what a database refuses: no NUL, no half of a surrogate pair."""
    whole = text.replace("\0", "").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", whole)


def query_words(wanted: str) -> list[str]:
    """Return the words that are asked for, as they are compared."""
    return _words(wanted)[:MOST_WORDS]


def distinct_words(text: str) -> str:
    """Return each word of a text once, in order of first appearance, with spaces between them."""
    kept, size = [], 0
    for word in dict.fromkeys(_words(text)):
        size += len(word.encode()) + 1
        if size > MOST_BYTES:
            break
        kept.append(word)
    return " ".join(kept)


def _words(text: str) -> list[str]:
    plain = storable(text).translate(_WITHOUT_ACCENTS).lower()
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain)]
