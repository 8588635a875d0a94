import sys

import pytest

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import MissingTool
from quoth.evaluation.scoring import (
    ErrorRate,
    diarization_error,
    normaliser,
    word_errors,
)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("one two three", "one two three", ErrorRate(0, 3)),
        ("one two three", "one three four", ErrorRate(2, 3)),
        ("one two three", "", ErrorRate(3, 3)),
        ("", "hello there", ErrorRate(2, 0)),
    ],
)
def test_word_errors_are_counted_out_of_the_words_of_the_reference(
    reference: str, hypothesis: str, expected: ErrorRate
) -> None:
    assert word_errors(reference, hypothesis, normaliser("de")) == expected


def test_spelling_that_whisper_normalises_is_no_error() -> None:
    rate = word_errors(
        "Mr. Brown won't pay $20.", "mister brown will not pay twenty dollars", normaliser("en")
    )
    assert rate.errors == 0


def test_chinese_is_scored_by_character() -> None:
    assert word_errors("蜜蜂很忙", "蜜蜂不忙", normaliser("zh")) == ErrorRate(1, 4)


def test_der_is_nought_whatever_the_speakers_are_called() -> None:
    reference = [SpeakerTurn(0, 5, "ana"), SpeakerTurn(4, 9, "bo")]
    hypothesis = [SpeakerTurn(0, 5, "B"), SpeakerTurn(4, 9, "A")]
    assert diarization_error(reference, hypothesis, 10.0, 0.0) == ErrorRate(0, 10)


def test_missed_speech_overlap_included_counts_in_seconds() -> None:
    reference = [SpeakerTurn(0, 6, "ana"), SpeakerTurn(4, 10, "bo")]
    hypothesis = [SpeakerTurn(0, 5, "A"), SpeakerTurn(5, 10, "B")]
    rate = diarization_error(reference, hypothesis, 10.0, 0.0)
    assert (rate.errors, rate.total) == pytest.approx((2, 12))


def test_the_collar_is_forgiven_on_each_side_of_a_border() -> None:
    reference = [SpeakerTurn(1, 5, "ana")]
    hypothesis = [SpeakerTurn(0.76, 5.24, "A")]
    assert diarization_error(reference, hypothesis, 10.0, 0.25).errors == pytest.approx(0)
    assert diarization_error(reference, hypothesis, 10.0, 0.2).errors == pytest.approx(0.08)


def test_rates_add_up_by_errors_and_totals() -> None:
    rate = ErrorRate(1, 10) + ErrorRate(3, 30)
    assert rate.percent == 10.0
    assert ErrorRate(1, 0).percent is None


def test_a_missing_library_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(MissingTool, match=r"jiwer.*quoth\[bench\]"):
        word_errors("a", "b", normaliser("de"))
