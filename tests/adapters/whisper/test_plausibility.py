import pytest

from quoth.adapters.whisper.plausibility import (
    compression_ratio,
    has_place_in_sound,
    is_silence,
    is_too_fast,
    loop_start,
    within_speech,
    without_bunches,
)
from quoth.domain.audio import Interval
from quoth.domain.transcript import Word

NORMAL = ["the", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "nobody", "looks"]


def timed(*times: tuple[float, float], confidence: float = 0.1) -> list[Word]:
    return [Word(f"word{index}", *time, confidence) for index, time in enumerate(times)]


def test_doubt_and_a_bad_guess_together_mean_silence() -> None:
    assert is_silence(no_speech=0.9, log_probability=-1.2)
    assert not is_silence(no_speech=0.9, log_probability=-0.3)
    assert not is_silence(no_speech=0.1, log_probability=-1.2)


def test_repetition_compresses_and_speech_does_not() -> None:
    assert compression_ratio("thank you very much. " * 12) > 2.4
    assert compression_ratio(" ".join(NORMAL)) < 1.5
    assert compression_ratio("") == 0.0


@pytest.mark.parametrize(
    ("said", "start"),
    [
        (NORMAL, None),
        (["no,", "no,", "no!"], None),
        (["it", "was", "very", "very", "very", "good"], None),
        (["well"] + ["thank", "you."] * 4, 3),
        (["well"] + ["Thank", "you.", "thank", "you"] * 2, 3),
        (["go"] * 30, 1),
        (NORMAL + ["I", "see", "a", "ship."] * 3, len(NORMAL) + 4),
        ([], None),
    ],
)
def test_a_loop_starts_after_its_first_turn(said: list[str], start: int | None) -> None:
    assert loop_start(said) == start


def test_nobody_says_thirty_words_in_two_seconds() -> None:
    assert is_too_fast(30, 2.0)
    assert not is_too_fast(12, 2.0)
    assert not is_too_fast(4, 0.2)


def test_spoken_words_have_a_place_in_the_sound() -> None:
    assert has_place_in_sound(timed((0.3, 0.5), (0.5, 0.9), (0.9, 0.9), (1.0, 1.4)))
    assert has_place_in_sound(timed((0.1, 0.6)))


def test_words_that_share_one_instant_have_none() -> None:
    assert not has_place_in_sound(timed((0.0, 9.98), (9.98, 9.98), (9.98, 9.98), (9.98, 9.98)))


def test_a_lone_word_stretched_over_seconds_has_none() -> None:
    assert not has_place_in_sound(timed((0.0, 9.9)))


def test_a_long_word_among_normal_ones_is_a_pause() -> None:
    assert has_place_in_sound(timed((0.0, 4.0), (4.0, 4.3), (4.3, 4.9), confidence=0.9))


def test_words_bunched_at_the_end_of_a_window_are_dropped() -> None:
    spoken = timed((0.3, 0.5), (0.5, 0.9), (0.9, 0.9))
    assert without_bunches([*spoken[:2], *timed((0.9, 0.9), (0.9, 0.9), (0.9, 0.9))]) == spoken[:2]
    assert without_bunches(spoken) == spoken


def test_unsure_words_far_from_all_speech_are_dropped() -> None:
    words = timed((0.0, 0.4), (3.0, 3.4), (8.0, 8.4))
    assert within_speech(words, [Interval(3.2, 5.0)]) == words[1:2]


def test_sure_words_stay_where_the_detector_heard_nothing() -> None:
    words = timed((0.0, 0.4), confidence=0.9)
    assert within_speech(words, [Interval(3.2, 5.0)]) == words


def test_where_nobody_looked_for_speech_nothing_is_dropped() -> None:
    words = timed((0.0, 0.4))
    assert within_speech(words, None) == words
