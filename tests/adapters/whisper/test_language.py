import pytest

from quoth.adapters.whisper.language import likeliest_language, telling_windows
from quoth.domain.audio import Interval
from quoth.domain.windowing import Window


def test_one_confused_window_is_outvoted() -> None:
    guess = likeliest_language(
        [
            (5.0, {"cy": 0.9, "en": 0.1}),
            (15.0, {"en": 0.8, "cy": 0.1}),
            (15.0, {"en": 0.7, "de": 0.3}),
        ]
    )
    assert guess.language == "en"
    assert guess.probability == pytest.approx((0.5 + 12.0 + 10.5) / 35.0)


def test_among_candidates_the_likeliest_of_them_is_taken() -> None:
    guesses = [(1.0, {"cy": 0.7, "en": 0.2, "de": 0.1})]
    guess = likeliest_language(guesses, ("de", "en"))
    assert guess.language == "en"
    assert guess.probability == pytest.approx(2 / 3)


def test_a_candidate_nobody_thought_of_is_a_guess_of_no_certainty() -> None:
    guess = likeliest_language([(1.0, {"en": 1.0})], ("tlh",))
    assert (guess.language, guess.probability) == ("tlh", 0.0)


def test_windows_with_most_speech_tell_most() -> None:
    long_pause = Window(Interval(0.0, 20.0), (Interval(0.0, 1.0),))
    speech = Window(Interval(20.0, 30.0), (Interval(20.0, 29.0),))
    unknown = Window(Interval(30.0, 35.0))
    assert telling_windows([long_pause, speech, unknown], 2) == [speech, unknown]
