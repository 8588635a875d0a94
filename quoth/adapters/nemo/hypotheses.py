"""From what NeMo's networks emit to tokens in seconds.

NeMo has time stamps of its own. They are not used: with CTC it tells for each token the stretch
from the token before it, so that a word begins where the one before a pause began, and it asks
the tokenizer several times for each token.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf, log
from typing import Any, NamedTuple, Protocol

from quoth.domain.tokens import Token

_USUAL_FRAMES = 3
"""How long a token is said to last by a network that does not tell: about what TDT tells."""
_LEAST = 1e-6
_UNKNOWN = frozenset({"<unk>", "[UNK]", "\N{DOUBLE QUESTION MARK}"})


class Emission(NamedTuple):
    """One token as a network emits it.

    Args:
        id: in the vocabulary.
        start: frame of the encoder.
        frames: how long it lasts, None where the network does not tell.
        probability: in [0, 1], None where unknown.
    """

    id: int
    start: int
    frames: int | None
    probability: float | None


class Vocabulary(Protocol):
    """What NeMo's decoders know of their tokenizer."""

    @property
    def tokenizer_type(self) -> str:
        """Return `bpe`, `wpe` or `char`."""

    def decode_ids_to_tokens(self, tokens: list[int]) -> list[str]:
        """Return the pieces of ids, marks of the tokenizer included."""

    def decode_ids_to_str(self, tokens: list[int]) -> str:
        """Return the text of ids."""


def transducer_emissions(hypothesis: Any) -> list[Emission]:
    """Return what an RNNT or TDT network emitted; only the latter tells how long a token lasts."""
    ids, starts = _numbers(hypothesis.y_sequence), _numbers(hypothesis.timestamp)
    durations = _numbers(hypothesis.token_duration) or [None] * len(ids)
    given = _numbers(hypothesis.token_confidence)
    probabilities = given if len(given) == len(ids) else [None] * len(ids)
    return [Emission(*each) for each in zip(ids, starts, durations, probabilities, strict=True)]


def ctc_emissions(
    labels: Sequence[int], probabilities: Sequence[float], blank: int
) -> list[Emission]:
    """Return what a CTC network emitted: runs of one label, the blank between them left out.

    Args:
        labels: the likeliest of each frame.
        probabilities: of those.
        blank: its label.
    """
    emissions: list[Emission] = []
    before = blank
    for frame, (label, probability) in enumerate(zip(labels, probabilities, strict=True)):
        if label not in (blank, before):
            emissions.append(Emission(label, frame, None, probability))
        elif label != blank and probability > (emissions[-1].probability or 0.0):
            emissions[-1] = emissions[-1]._replace(probability=probability)
        before = label
    return emissions


def tokens_of(emissions: Sequence[Emission], vocabulary: Vocabulary, frame: float) -> list[Token]:
    """Return emissions as tokens with their text, a leading space where a word begins.

    Args:
        emissions: in order of start.
        vocabulary: of the network.
        frame: seconds from one output of the encoder to the next.
    """
    return [token for _, token in placed_tokens(emissions, vocabulary, frame)]


def placed_tokens(
    emissions: Sequence[Emission], vocabulary: Vocabulary, frame: float
) -> list[tuple[int, Token]]:
    """Return tokens as `tokens_of` does, each with the index of its first emission."""
    starts = [each.start for each in emissions]
    tokens = []
    for group, text in _texts(emissions, vocabulary):
        last = emissions[group.stop - 1]
        following = starts[group.stop] if group.stop < len(starts) else inf
        usual = max(last.start + 1, min(following, last.start + _USUAL_FRAMES))
        end = usual if last.frames is None else last.start + last.frames
        known = [each.probability for each in emissions[group.start : group.stop]]
        least = min((each for each in known if each is not None), default=None)
        token = Token(
            text,
            emissions[group.start].start * frame,
            end * frame,
            None if least is None else log(min(1.0, max(least, _LEAST))),
        )
        tokens.append((group.start, token))
    return tokens


def _texts(emissions: Sequence[Emission], vocabulary: Vocabulary) -> Iterator[tuple[range, str]]:
    """Yield the text of each token, of those that are bytes of one character together."""
    ids = [each.id for each in emissions]
    pieces = [vocabulary.decode_ids_to_tokens([each])[0] for each in ids]
    is_byte = [piece.startswith("<0x") for piece in pieces]
    begins = [at for at in range(len(ids)) if not (at and is_byte[at] and is_byte[at - 1])]
    for first, end in pairwise([*begins, len(ids)]):
        if is_byte[first]:
            yield range(first, end), vocabulary.decode_ids_to_str(ids[first:end])
        elif pieces[first] not in _UNKNOWN:
            yield range(first, end), _spaced(pieces[first], vocabulary.tokenizer_type)


def _spaced(piece: str, tokenizer: str) -> str:
    """Return a piece with a space where a word begins; WordPiece marks where none does."""
    if tokenizer != "wpe":
        return piece
    return piece.removeprefix("##") if piece.startswith("##") else f" {piece}"


def _numbers(values: Any) -> list[Any]:
    """Return a tensor, or a list of numbers or tensors, or nothing as a list of numbers."""
    if hasattr(values, "tolist"):
        return list(values.tolist())
    return [each.item() if hasattr(each, "item") else each for each in values or ()]
