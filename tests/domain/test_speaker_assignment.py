from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.diarization import Diarization, SpeakerTurn
from quoth.domain.speaker_assignment import AssignmentSettings, assign_speakers
from quoth.domain.transcript import Word


def diarized(*turns: tuple[float, float, str]) -> Diarization:
    return Diarization(turns=tuple(sorted(SpeakerTurn(*turn) for turn in turns)))


def spoken(text: str, start: float = 0.0, each: float = 0.5) -> list[Word]:
    """Words of equal length without pauses."""
    return [
        Word(word, start + index * each, start + (index + 1) * each)
        for index, word in enumerate(text.split())
    ]


def speakers(words: Sequence[Word]) -> str:
    return "".join(word.speaker or "-" for word in words)


ticks = st.integers(min_value=0, max_value=2048).map(lambda tick: tick / 32)
"""Times that floats hold exactly, so that a shift cannot break a tie another way."""


@st.composite
def word_lists(draw: st.DrawFn) -> list[Word]:
    starts = sorted(draw(st.lists(ticks, max_size=30)))
    lengths = draw(st.lists(ticks, min_size=len(starts), max_size=len(starts)))
    texts = st.sampled_from(["so", "well,", "Yes.", "No?", "Dr.", "。"])
    return [
        Word(draw(texts), start, start + length / 16)
        for start, length in zip(starts, lengths, strict=True)
    ]


@st.composite
def diarizations(draw: st.DrawFn) -> Diarization:
    turns = st.builds(
        lambda start, length, speaker: SpeakerTurn(start, start + length, speaker),
        ticks,
        ticks.map(lambda length: length / 8),
        st.sampled_from("XYZ"),
    )
    return Diarization(turns=tuple(sorted(draw(st.lists(turns, max_size=12)))))


@given(word_lists(), diarizations())
def test_assigning_keeps_words_order_texts_and_times(
    words: list[Word], diarization: Diarization
) -> None:
    assigned = assign_speakers(words, diarization)
    assert [replace(word, speaker=None) for word in assigned] == words


@given(word_lists(), diarizations())
def test_every_word_gets_a_speaker_who_has_a_turn(
    words: list[Word], diarization: Diarization
) -> None:
    assigned = {word.speaker for word in assign_speakers(words, diarization)}
    known: set[str | None] = {*diarization.speakers}
    assert assigned <= (known or {None})


@given(word_lists(), diarizations())
def test_word_well_inside_exactly_one_turn_gets_its_speaker(
    words: list[Word], diarization: Diarization
) -> None:
    margin = AssignmentSettings().tolerance + 0.02
    for word in assign_speakers(words, diarization):
        start, end = word.start - margin, word.end + margin
        near = [turn for turn in diarization.turns if turn.start < end and start < turn.end]
        if len(near) == 1 and near[0].start <= start and end <= near[0].end:
            assert word.speaker == near[0].speaker


@given(word_lists(), diarizations(), ticks)
def test_shifting_words_and_turns_together_changes_no_speaker(
    words: list[Word], diarization: Diarization, shift: float
) -> None:
    later = [replace(word, start=word.start + shift, end=word.end + shift) for word in words]
    turns = tuple(
        replace(turn, start=turn.start + shift, end=turn.end + shift) for turn in diarization.turns
    )
    shifted = assign_speakers(later, Diarization(turns=turns))
    assert speakers(shifted) == speakers(assign_speakers(words, diarization))


@given(word_lists(), diarizations())
def test_assigning_twice_is_assigning_once(words: list[Word], diarization: Diarization) -> None:
    once = assign_speakers(words, diarization)
    assert assign_speakers(once, diarization) == once


def test_without_turns_no_word_has_a_speaker() -> None:
    words = [replace(word, speaker="A") for word in spoken("once upon a time")]
    assert speakers(assign_speakers(words, Diarization())) == "----"


def test_no_words_give_no_words() -> None:
    assert assign_speakers([], diarized((0, 1, "A"))) == []


def test_word_spanning_two_turns_goes_to_the_longer_overlap() -> None:
    diarization = diarized((0, 1.4, "A"), (1.4, 3, "B"))
    assert speakers(assign_speakers([Word("hello", 1, 2)], diarization)) == "B"


def test_several_short_turns_of_one_speaker_count_together() -> None:
    diarization = diarized((0, 0.3, "A"), (0.3, 0.7, "B"), (0.7, 1, "A"))
    assert speakers(assign_speakers([Word("hello", 0, 1)], diarization)) == "A"


def test_word_stretched_over_a_pause_goes_to_whom_it_starts_with() -> None:
    diarization = diarized((0, 2, "A"), (3, 9, "B"))
    assert speakers(assign_speakers([Word("end.", 1.5, 8)], diarization)) == "A"


def test_word_outside_all_turns_goes_to_the_nearest_edge_not_the_nearest_middle() -> None:
    diarization = diarized((0, 20, "A"), (21, 22, "B"))
    assert speakers(assign_speakers([Word("hm", 20.2, 20.4)], diarization)) == "A"


def test_word_far_from_all_turns_goes_to_the_previous_speaker() -> None:
    words = [Word("Yes.", 0.5, 1), Word("Lost.", 10, 10.5), Word("No.", 20.5, 21)]
    diarization = diarized((0, 1, "A"), (20, 21, "B"))
    assert speakers(assign_speakers(words, diarization)) == "AAB"


def test_word_in_doubt_at_a_sentence_border_joins_its_sentence() -> None:
    words = spoken("and that is all. Then we saw the sea.")
    turns_disagree_by_a_word = diarized((0, 2.35, "A"), (2.35, 5, "B"))
    assert speakers(assign_speakers(words, turns_disagree_by_a_word)) == "AAAABBBBB"


def test_words_inside_overlap_stay_with_whoever_holds_the_sentence() -> None:
    words = spoken("the whole sentence is mine to end.")
    assert speakers(assign_speakers(words, diarized((0, 3.5, "B"), (1, 2, "A")))) == "BBBBBBB"


def test_interjection_of_one_clear_word_is_kept() -> None:
    words = spoken("so we went yes and came back.")
    diarization = diarized((0, 1.3, "A"), (1.3, 2.2, "B"), (2.2, 3.5, "A"))
    assert speakers(assign_speakers(words, diarization)) == "AAABAAA"


def test_interjection_of_three_words_is_kept() -> None:
    words = spoken("so we went did you really and came back.")
    diarization = diarized((0, 1.5, "A"), (1.5, 3, "B"), (3, 4.5, "A"))
    assert speakers(assign_speakers(words, diarization)) == "AAABBBAAA"


def test_lone_word_in_doubt_is_no_interjection() -> None:
    words = spoken("so we went away and came back.")
    diarization = diarized((0, 1.6, "A"), (1.6, 1.9, "B"), (1.9, 3.5, "A"))
    assert speakers(assign_speakers(words, diarization)) == "AAAAAAA"


def test_change_of_speaker_falls_on_a_comma_rather_than_beside_it() -> None:
    words = spoken("that was the end, then we saw the sea.")
    diarization = diarized((0, 2.35, "A"), (2.35, 5, "B"))
    assert speakers(assign_speakers(words, diarization)) == "AAAABBBBB"


def test_exclusive_turns_serve_where_there_are_no_others() -> None:
    diarization = Diarization(exclusive=(SpeakerTurn(0, 1, "A"),))
    assert speakers(assign_speakers([Word("hello", 0, 1)], diarization)) == "A"


@pytest.mark.parametrize(
    "wrong", [{"longest_word": 0.0}, {"reach": -1.0}, {"price_of_change": -0.1}]
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="impossible"):
        AssignmentSettings(**wrong)
