"""Words to expect, as a vocabulary can write them."""

from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.keywords import writable

SMALL = frozenset("abcdefghijklmnopqrstuvwxyz'")
BOTH = SMALL | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def test_a_vocabulary_of_small_letters_gets_small_letters() -> None:
    assert writable(["Kubernetes", "O'Hara"], SMALL) == ("kubernetes", "o'hara")


def test_capitals_stay_where_the_vocabulary_has_them() -> None:
    assert writable(["Kubernetes", "NATO"], BOTH) == ("Kubernetes", "NATO")


def test_what_no_token_can_write_is_left_out() -> None:
    assert writable(["東京", "Straße", "tea"], BOTH) == ("tea",)


def test_phrases_keep_single_spaces_and_come_once() -> None:
    given_words = ["  New \t York\n", "New York", "", " \u00a0 "]
    assert writable(given_words, BOTH) == ("New York",)


@given(st.lists(st.text(max_size=8), max_size=6))
def test_only_letters_and_single_spaces_come_out(keywords: list[str]) -> None:
    for words in writable(keywords, BOTH):
        assert words
        assert all(word and set(word) <= BOTH for word in words.split(" "))
