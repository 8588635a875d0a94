"""The tokens of a Parakeet, and the words to expect in the way sherpa-onnx takes them.

sherpa-onnx calls such words hotwords. It reads marks into their text and ends the process on some,
so that only what is certain to be plain text is handed to it.
"""

from collections.abc import Sequence
from pathlib import Path

from quoth.domain.keywords import writable

_BEGINS_A_WORD = "\N{LOWER ONE EIGHTH BLOCK}"
_SEPARATOR = "/"
"""Between hotwords; a keyword that has one in it becomes two."""
_DIRECTIVES = (":", "#", "@")
"""Where a word begins with one of these, sherpa-onnx takes it for a score or a threshold."""


class Vocabulary:
    """The tokens of a model in the order of its tokenizer.

    Args:
        tokens: the text of each, the blank not among them.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._pieces = {
            token: rank
            for rank, token in reversed(list(enumerate(tokens)))
            if token and "\0" not in token and token == "".join(token.split())
        }
        self._letters = frozenset(token for token in self._pieces if len(token) == 1)

    @property
    def can_spell(self) -> bool:
        """Whether any word can be put together from its letters, as with SentencePiece."""
        return _BEGINS_A_WORD in self._letters and len(self._letters) > 1

    def write_scores(self, path: Path) -> None:
        """Write the file that sherpa-onnx cuts hotwords into tokens with.

        The tokenizers of Parakeet merge pairs of tokens in the order in which these were learned;
        SentencePiece writes that order as scores, 0, -1, -2 and so on.
        """
        lines = [f"{token}\t{-rank}\n" for token, rank in sorted(self._pieces.items(), key=_rank)]
        path.write_text("".join(lines), encoding="utf-8")

    def hotwords(self, keywords: Sequence[str]) -> str:
        """Return words to expect as sherpa-onnx takes them, nothing where it can take none."""
        parts = [part for keyword in keywords for part in keyword.split(_SEPARATOR)]
        spelled = writable(parts, self._letters - {_BEGINS_A_WORD})
        return _SEPARATOR.join(
            words
            for words in spelled
            if not any(word.startswith(_DIRECTIVES) for word in words.split())
        )


def read_tokens(text: str) -> dict[int, str]:
    """Return the tokens of a `tokens.txt` by their numbers.

    Raises:
        ValueError: if it is none, or has a number twice.
    """
    tokens: dict[int, str] = {}
    for line in text.rstrip("\n").split("\n"):
        token, number = line.rsplit(" ", 1)
        if str(int(number)) != number or int(number) in tokens:
            raise ValueError(f"its token {token!r} has the number {number!r}")
        tokens[int(number)] = token
    return tokens


def _rank(item: tuple[str, int]) -> int:
    return item[1]
