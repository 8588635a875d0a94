"""Tokens to words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.tokens import Token, begin_of_last_word, words_of


def token(text: str, start: float, end: float, log_probability: float | None = -0.1) -> Token:
    return Token(text, start, end, log_probability)


def test_a_word_begins_where_a_token_begins_with_a_space() -> None:
    words = words_of(
        [token(" seven", 0.1, 0.4), token(" b", 0.5, 0.6), token("ees", 0.6, 0.9)], duration=2.0
    )
    assert [(word.text, word.start, word.end) for word in words] == [
        ("seven", 0.1, 0.4),
        ("bees", 0.5, 0.9),
    ]


def test_a_full_stop_told_late_does_not_stretch_the_word() -> None:
    (word,) = words_of([token(" bees", 0.5, 0.9), token(".", 1.4, 1.7)], duration=2.0)
    assert (word.text, word.end) == ("bees.", 0.9)


def test_a_lone_space_is_no_word_and_no_start_of_one() -> None:
    (word,) = words_of([token(" ", 0.2, 0.3), token("o", 0.3, 0.4), token("ne", 0.4, 0.5)], 1.0)
    assert (word.text, word.start) == ("one", 0.3)


def test_a_mark_by_itself_is_a_word_by_itself() -> None:
    (word,) = words_of([token(" \N{EM DASH}", 0.2, 0.3)], 1.0)
    assert word.text == "\N{EM DASH}"


def test_confidence_is_that_of_the_least_sure_spoken_token() -> None:
    tokens = [token(" be", 0, 0.1, -0.2), token("es", 0.1, 0.2, -0.5), token(".", 0.3, 0.4, -3.0)]
    (word,) = words_of(tokens, 1.0)
    assert word.confidence == pytest.approx(0.6065, abs=1e-4)
    assert words_of([token(" bees", 0, 0.1, None)], 1.0)[0].confidence is None


def test_white_space_of_any_kind_at_the_end_of_a_token_is_no_part_of_the_word() -> None:
    tokens = [
        token(" one\n", 0, 0.1),
        token(" \u3000two\u00a0", 0.2, 0.3),
        token("\n\u2581", 0.4, 0.5),
    ]
    assert [word.text for word in words_of(tokens, 1.0)] == ["one", "two"]


def test_a_token_without_text_does_not_part_a_word() -> None:
    tokens = [token(" be", 0, 0.1), token("", 0.1, 0.2), token("es", 0.2, 0.3)]
    assert [word.text for word in words_of(tokens, 1.0)] == ["bees"]


@given(st.lists(st.text(max_size=4), max_size=12))
def test_whatever_a_network_emits_becomes_words_without_space_around_them(texts: list[str]) -> None:
    tokens = [token(text, at / 10, at / 10) for at, text in enumerate(texts)]
    words = words_of(tokens, 0.5)
    assert all(word.text.strip() == word.text != "" for word in words)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([" a", " be", "c", "d.", ",", " ", "\u2581x", " \u00e9", "'s"]),
            st.floats(0, 3),
            st.floats(0, 1),
        ),
        max_size=30,
    ),
    st.floats(0, 3),
)
def test_nothing_visible_is_lost_and_times_stay_in_order_inside_the_window(
    pieces: list[tuple[str, float, float]], duration: float
) -> None:
    starts = sorted(start for _, start, _ in pieces)
    tokens = [
        token(text, start, start + length)
        for (text, _, length), start in zip(pieces, starts, strict=True)
    ]
    words = words_of(tokens, duration)
    visible = "".join(each.text for each in tokens).replace("\u2581", "").replace(" ", "")
    assert "".join(word.text for word in words) == visible
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(word.end <= duration for word in words)


PIECES = st.sampled_from([" a", "b", " ", ".", " .", "\u2581c", "\u2581", ",", " \u2014", ""])


@given(st.lists(PIECES, max_size=12), st.data())
def test_tokens_that_follow_change_no_word_before_the_last(
    texts: list[str], data: st.DataObject
) -> None:
    tokens = [token(text, at, at + 1.5) for at, text in enumerate(texts)]
    there = tokens[: data.draw(st.integers(0, len(tokens)))]
    begin = begin_of_last_word(there)
    settled, whole = words_of(there[:begin], 20.0), words_of(tokens, 20.0)
    assert [*settled, *words_of(tokens[begin:], 20.0)] == whole
    assert len(words_of(there, 20.0)) - len(settled) <= 1
