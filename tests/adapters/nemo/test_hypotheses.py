"""What networks emit, as tokens with times."""

from dataclasses import dataclass, field
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.adapters.nemo.hypotheses import (
    Emission,
    ctc_emissions,
    tokens_of,
    transducer_emissions,
)
from quoth.domain.tokens import words_of

FRAME = 0.08


@dataclass(frozen=True)
class Pieces:
    """A vocabulary whose ids are places in a list; bytes are decoded together, as tokenizers do."""

    pieces: tuple[str, ...]
    tokenizer_type: str = "bpe"

    def decode_ids_to_tokens(self, tokens: list[int]) -> list[str]:
        return [self.pieces[token] for token in tokens]

    def decode_ids_to_str(self, tokens: list[int]) -> str:
        content = bytes(int(self.pieces[token][3:5], 16) for token in tokens)
        return content.decode(errors="replace")


@dataclass
class Hypothesis:
    """What NeMo's decoders return, as far as it is read."""

    y_sequence: list[int]
    timestamp: list[int]
    token_duration: list[int] | None = None
    token_confidence: list[float] | None = field(default=None)


def test_a_tdt_network_tells_how_long_a_token_lasts() -> None:
    emissions = transducer_emissions(Hypothesis([4, 7], [3, 9], [2, 0], [0.5, 1.0]))
    assert emissions == [Emission(4, 3, 2, 0.5), Emission(7, 9, 0, 1.0)]


def test_an_rnnt_network_does_not() -> None:
    emissions = transducer_emissions(Hypothesis([4, 7], [3, 9]))
    assert emissions == [Emission(4, 3, None, None), Emission(7, 9, None, None)]


def test_confidences_that_are_not_one_for_each_token_are_left_out() -> None:
    emissions = transducer_emissions(Hypothesis([4, 7], [3, 9], [2, 2], [0.5]))
    assert [each.probability for each in emissions] == [None, None]


def test_ctc_joins_runs_of_a_label_and_keeps_repeats_that_a_blank_parts() -> None:
    labels = [9, 4, 4, 9, 4, 5, 5, 5, 9, 9]
    sure = [0.9, 0.4, 0.7, 0.9, 0.6, 0.3, 0.8, 0.2, 0.9, 0.9]
    assert ctc_emissions(labels, sure, blank=9) == [
        Emission(4, 1, None, 0.7),
        Emission(4, 4, None, 0.6),
        Emission(5, 5, None, 0.8),
    ]


@given(st.lists(st.integers(0, 3), max_size=30))
def test_ctc_emits_what_collapsing_gives_in_order_of_time(labels: list[int]) -> None:
    emissions = ctc_emissions(labels, [0.5] * len(labels), blank=3)
    collapsed = [b for a, b in zip([3, *labels], labels, strict=False) if b not in (a, 3)]
    assert [each.id for each in emissions] == collapsed
    assert all(labels[each.start] == each.id for each in emissions)
    assert [each.start for each in emissions] == sorted({each.start for each in emissions})


def test_a_word_after_a_pause_begins_where_it_is_said() -> None:
    vocabulary = Pieces(("\u2581house", "\u2581ten"))
    tokens = tokens_of([Emission(0, 2, None, 0.9), Emission(1, 50, None, 0.9)], vocabulary, FRAME)
    first, second = words_of(tokens, 10.0)
    assert second.start == pytest.approx(50 * FRAME)
    assert first.end == pytest.approx(5 * FRAME)


def test_a_token_without_a_duration_ends_before_the_next_begins() -> None:
    vocabulary = Pieces(("\u2581up", "\u2581on"))
    tokens = tokens_of([Emission(0, 2, None, 0.9), Emission(1, 3, None, 0.9)], vocabulary, FRAME)
    assert tokens[0].end == pytest.approx(3 * FRAME)


def test_letters_word_pieces_and_sentence_pieces_make_the_same_words() -> None:
    said = ["stop it", "stop it", "stop it"]
    kinds = [
        Pieces(tuple("stop it"), "char"),
        Pieces(("stop", "i", "##t"), "wpe"),
        Pieces(("\u2581st", "op", "\u2581it"), "bpe"),
    ]
    for text, vocabulary in zip(said, kinds, strict=True):
        emissions = [Emission(at, at, 1, 0.9) for at in range(len(vocabulary.pieces))]
        words = words_of(tokens_of(emissions, vocabulary, FRAME), 10.0)
        assert " ".join(word.text for word in words) == text


def test_bytes_of_one_character_become_that_character() -> None:
    vocabulary = Pieces(("\u2581na", "<0xC3>", "<0xAF>", "ve"))
    emissions = [Emission(at, at, 1, 0.9 - at / 10) for at in range(4)]
    (word,) = words_of(tokens_of(emissions, vocabulary, FRAME), 10.0)
    assert word.text == "na\u00efve"
    assert word.end == pytest.approx(4 * FRAME)


def test_a_token_that_stands_for_nothing_known_is_left_out() -> None:
    vocabulary = Pieces(("<unk>", "\u2581ten"))
    tokens = tokens_of([Emission(0, 0, 1, 0.9), Emission(1, 1, 1, 0.9)], vocabulary, FRAME)
    assert [token.text for token in tokens] == ["\u2581ten"]


def test_a_probability_becomes_the_confidence_of_the_word() -> None:
    vocabulary = Pieces(("\u2581st", "op"))
    tokens = tokens_of([Emission(0, 0, 1, 0.9), Emission(1, 1, 1, 0.4)], vocabulary, FRAME)
    assert [exp(token.log_probability or 0.0) for token in tokens] == pytest.approx([0.9, 0.4])
    assert words_of(tokens, 1.0)[0].confidence == pytest.approx(0.4)


@pytest.mark.parametrize("measured", [-0.001, 0.0, 1.0, 1.0000002])
def test_a_confidence_just_outside_its_range_is_brought_inside(measured: float) -> None:
    tokens = tokens_of([Emission(0, 0, 1, measured)], Pieces(("\u2581a",)), FRAME)
    confidence = words_of(tokens, 1.0)[0].confidence
    assert confidence is not None
    assert 0 <= confidence <= 1
