from typing import Any

import pytest

from quoth.adapters.whisper.word_timing import aligned_words, without_pauses
from quoth.domain.audio import Interval
from quoth.domain.transcript import Word


def entry(word: str, start: float, end: float, probability: float = 0.9) -> dict[str, Any]:
    return {"word": word, "tokens": [1], "start": start, "end": end, "probability": probability}


def test_punctuation_belongs_to_its_word() -> None:
    words = aligned_words(
        [entry(" Yes", 0.1, 0.3), entry(",", 0.3, 0.3), entry(" sir", 0.4, 0.8), entry(".", 1, 1)],
        5.0,
    )
    assert [word.text for word in words] == ["Yes,", "sir."]


def test_punctuation_without_a_word_before_it_is_dropped() -> None:
    assert aligned_words([entry(" ...", 0.0, 0.2), entry(" .", 0.2, 0.5)], 5.0) == []


def test_a_lone_dash_joins_the_word_before_it() -> None:
    words = aligned_words([entry(" well", 0.1, 0.3), entry(" \u2014", 0.3, 0.4)], 5.0)
    assert [word.text for word in words] == ["well\u2014"]


def test_what_follows_without_a_space_is_the_same_word() -> None:
    parts = [entry(" nine", 0, 1), entry(" a", 1, 1.2), entry(".m", 1.2, 1.4), entry(".", 1.4, 1.5)]
    words = aligned_words(parts, 5.0)
    assert [(word.text, word.start, word.end) for word in words] == [
        ("nine", 0, 1),
        ("a.m.", 1, 1.4),
    ]


def test_times_stay_inside_the_window_and_in_order() -> None:
    words = aligned_words([entry(" one", 1.0, 1.5), entry(" two", 0.9, 7.0)], 5.0)
    assert [(word.start, word.end) for word in words] == [(1.0, 1.5), (1.0, 5.0)]


def test_confidence_is_a_probability() -> None:
    (word,) = aligned_words([entry(" one", 1.0, 1.5, 1.0000001)], 5.0)
    assert word.confidence == 1.0


def test_broken_characters_are_no_word() -> None:
    assert aligned_words([entry(" \ufffd", 1.0, 1.5)], 5.0) == []


def test_words_of_unspaced_languages_stay_single() -> None:
    words = aligned_words([entry("\u732b", 0, 0.2), entry("\u304c", 0.2, 0.4)], 5.0, "ja")
    assert [word.text for word in words] == ["\u732b", "\u304c"]


def test_a_word_stretched_over_a_pause_keeps_its_speech() -> None:
    speech = [Interval(0.0, 1.0), Interval(4.0, 6.0)]
    (word,) = without_pauses([Word("ship", 0.9, 4.6)], speech)
    assert (word.start, word.end) == pytest.approx((3.85, 4.6))


def test_a_short_pause_inside_a_word_does_not_shorten_it() -> None:
    speech = [Interval(0.0, 1.0), Interval(1.1, 2.0)]
    (word,) = without_pauses([Word("ship", 0.8, 1.4)], speech)
    assert (word.start, word.end) == (0.8, 1.4)


def test_a_word_outside_speech_keeps_its_times() -> None:
    (word,) = without_pauses([Word("ship", 2.0, 2.4)], [Interval(5.0, 6.0)])
    assert (word.start, word.end) == (2.0, 2.4)
    assert without_pauses([word], None) == [word]
