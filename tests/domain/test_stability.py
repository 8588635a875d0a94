"""Words that do not change any more."""

from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.stability import StableWords
from quoth.domain.transcript import Word


def words(text: str, start: float = 0.0, seconds: float = 0.5) -> list[Word]:
    return [
        Word(word, start + index * seconds, start + index * seconds + 0.8 * seconds)
        for index, word in enumerate(text.split())
    ]


def texts(found: list[Word]) -> str:
    return " ".join(word.text for word in found)


def test_what_two_hypotheses_in_a_row_agree_on_is_settled() -> None:
    stable = StableWords()
    assert stable.hear(words("the cat sad")) == []
    assert texts(stable.hear(words("the cat sat on"))) == "the cat"
    assert texts(stable.hear(words("the cat sat on the"))) == "sat on"
    assert texts(stable.guess) == "the"


def test_case_and_punctuation_are_no_disagreement_and_the_later_form_is_taken() -> None:
    stable = StableWords()
    stable.hear(words("well yes i"))
    assert texts(stable.hear(words("Well, yes. I do"))) == "Well, yes. I"


def test_a_settled_word_that_is_heard_again_a_little_later_is_not_said_twice() -> None:
    stable = StableWords()
    stable.hear(words("one two"))
    stable.hear(words("one two"))
    shifted = words("two three", start=0.95)
    assert texts(stable.hear_last(shifted)) == "three"


def test_a_word_that_is_really_said_twice_stays() -> None:
    stable = StableWords()
    stable.hear(words("very very good"))
    stable.hear(words("very very good"))
    assert texts(stable.settled) == "very very good"


def test_the_last_hypothesis_settles_the_rest() -> None:
    stable = StableWords()
    stable.hear(words("a b"))
    stable.hear(words("a b"))
    assert texts(stable.hear_last(words("x y c d"))) == "c d"


def test_a_word_is_not_lost_when_the_one_before_seemed_to_last_longer() -> None:
    stable = StableWords()
    stable.hear([Word("wood", 0.0, 0.4), Word("blocks", 0.4, 1.6)])
    stable.hear([Word("wood", 0.0, 0.4), Word("blocks", 0.4, 1.6)])
    again = [Word("wood", 0.0, 0.4), Word("blocks", 0.4, 0.9), Word("engraved", 0.9, 1.5)]
    assert texts(stable.hear_last(again)) == "engraved"


def test_a_settled_word_that_is_written_otherwise_now_is_not_said_twice() -> None:
    stable = StableWords()
    stable.hear(words("they and graved"))
    stable.hear(words("they and graved"))
    again = [Word("they", 0.0, 0.4), Word("engraved", 0.5, 1.4), *words("in relief", start=1.5)]
    assert texts(stable.hear_last(again)) == "in relief"


def test_words_of_before_the_window_that_are_heard_at_its_edge_are_dropped() -> None:
    stable = StableWords()
    stable.hear(words("a similar process is this"))
    stable.hear(words("a similar process is this"))
    stable.begin_at(2.4)
    assert texts(stable.hear_last(words("this one", start=2.2))) == "one"


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c"]), max_size=8), max_size=8))
def test_settled_words_never_change(hypotheses: list[list[str]]) -> None:
    stable = StableWords()
    before: list[Word] = []
    for hypothesis in hypotheses:
        stable.hear(words(" ".join(hypothesis)))
        assert stable.settled[: len(before)] == before
        before = list(stable.settled)
        starts = [word.start for word in before]
        assert starts == sorted(starts)
