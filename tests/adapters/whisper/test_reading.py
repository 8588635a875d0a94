from quoth.adapters.whisper.reading import Reading, Verdict, best
from quoth.domain.transcript import Word


def reading(
    text: str,
    log_probability: float = -0.3,
    no_speech: float = 0.1,
    speech_seconds: float = 10.0,
    pace: float = 0.4,
) -> Reading:
    words = tuple(
        Word(word, index * pace, (index + 1) * pace, 0.8) for index, word in enumerate(text.split())
    )
    return Reading(words, log_probability, no_speech, speech_seconds)


LOOP = "so it began " + "and then " * 8


def test_ordinary_speech_is_sound() -> None:
    assert reading("the ship came in at dawn").verdict is Verdict.SOUND


def test_a_loop_is_doubtful() -> None:
    assert reading(LOOP).verdict is Verdict.DOUBTFUL


def test_a_wild_guess_is_doubtful() -> None:
    assert reading("the ship", log_probability=-1.4).verdict is Verdict.DOUBTFUL


def test_more_words_than_a_mouth_can_say_are_doubtful() -> None:
    many = " ".join(f"word{index}" for index in range(40))
    assert reading(many, speech_seconds=3.0).verdict is Verdict.DOUBTFUL


def test_nothing_heard_in_long_speech_is_doubtful() -> None:
    assert reading("", speech_seconds=5.0).verdict is Verdict.DOUBTFUL
    assert reading("", speech_seconds=0.5).verdict is Verdict.SOUND
    assert reading("", no_speech=0.9).verdict is Verdict.INVENTED


def test_text_over_silence_is_invented() -> None:
    assert reading("thank you", log_probability=-1.2, no_speech=0.8).verdict is Verdict.INVENTED


def test_text_without_a_place_in_the_sound_is_invented_where_speech_is_doubted() -> None:
    assert reading("thank you all", pace=0.0, no_speech=0.5).verdict is Verdict.INVENTED
    assert reading("thank you all", pace=0.0, no_speech=0.1).verdict is Verdict.DOUBTFUL


def test_the_first_sound_reading_is_the_best() -> None:
    sound = reading("and then we sailed")
    assert best([reading(LOOP), sound]) == sound


def test_a_loop_that_no_retry_cures_is_cut_after_its_first_turn() -> None:
    kept = best([reading(LOOP)]).words
    assert [word.text for word in kept] == ["so", "it", "began", "and", "then"]


def test_words_in_the_worst_reading_beat_no_words() -> None:
    assert best([reading("", speech_seconds=5.0), reading("aye", -1.5)]).words


def test_words_without_a_place_are_never_kept() -> None:
    assert best([reading("thank you all", pace=0.0)]).words == ()
