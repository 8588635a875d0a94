"""What an edit does to the transcript it was made on."""

from dataclasses import replace

import pytest

from quoth.domain.audio import Interval
from quoth.domain.edit_errors import (
    EditError,
    NoWordsThere,
    OtherWordsThere,
    TooMuchToCorrect,
    UnknownSpeaker,
)
from quoth.domain.editing import Unapplied, apply
from quoth.domain.edits import (
    CorrectText,
    CorrectTexts,
    Edit,
    MergeSpeakers,
    ReassignInterval,
    Redo,
    RenameSpeaker,
    SplitSpeaker,
    Undo,
)
from quoth.domain.errors import InvalidParameter
from quoth.domain.transcript import Segment, Transcript, Word
from tests.conversations import conversation, lines

TALK = conversation(
    ("ann", "Good morning, Ben."),
    ("ben", "Morning. Who is there?"),
    ("cleo", "Cleo is here."),
    ("ann", "Then let us begin."),
)
FIRST, SECOND, THIRD, FOURTH = (Interval(one.start, one.end) for one in TALK.segments)


def edited(*log: Edit | Undo | Redo, machine: Transcript = TALK) -> Transcript:
    result = apply(machine, log)
    assert not result.unapplied
    return result.transcript


def refused(edit: Edit, machine: Transcript = TALK) -> EditError:
    result = apply(machine, [edit])
    assert result.transcript is machine
    return result.unapplied[0].error


def reason(unapplied: Unapplied) -> str:
    return str(unapplied.error)


def test_a_transcript_nobody_edited_is_the_machines() -> None:
    assert edited() is TALK


# --- names ----------------------------------------------------------------------------------


def test_a_speaker_is_renamed_everywhere() -> None:
    said = edited(RenameSpeaker("A", " Anna "))
    assert [name for name, _ in lines(said)] == ["Anna", "Speaker B", "Speaker C", "Anna"]


def test_a_blank_name_gives_the_made_up_one_back() -> None:
    assert edited(RenameSpeaker("A", "Anna"), RenameSpeaker("A", " ")).speakers == TALK.speakers


def test_renaming_nobody_is_refused_and_says_who_is_there() -> None:
    error = refused(RenameSpeaker("D", "Dan"))
    assert isinstance(error, UnknownSpeaker)
    assert "A, B, C" in str(error)


# --- merging --------------------------------------------------------------------------------


def test_merged_speakers_are_one_in_words_turns_and_seconds() -> None:
    said = edited(MergeSpeakers("C", into="B"))
    assert [one.speaker for one in said.segments] == ["A", "B", "A"]
    assert said.segments[1].text == "Morning. Who is there? Cleo is here."
    assert {one.speaker for one in said.turns} == {"A", "B"}
    assert [one.seconds for one in said.speakers] == pytest.approx([3.3, 3.3])


def test_merging_keeps_the_only_name_that_was_given() -> None:
    said = edited(RenameSpeaker("C", "Cleo"), MergeSpeakers("C", into="B"))
    assert [one.name for one in said.speakers] == ["Speaker A", "Cleo"]


def test_merging_two_who_have_names_keeps_that_of_the_one_who_stays() -> None:
    names = RenameSpeaker("B", "Ben"), RenameSpeaker("C", "Cleo")
    assert edited(*names, MergeSpeakers("C", into="B")).speakers[1].name == "Ben"


def test_who_was_merged_is_there_no_more() -> None:
    result = apply(TALK, [MergeSpeakers("C", into="B"), RenameSpeaker("C", "Cleo")])
    assert [one.made.position for one in result.unapplied] == [1]


def test_nobody_is_merged_with_themselves() -> None:
    with pytest.raises(InvalidParameter, match="into"):
        MergeSpeakers("A", into="A")


# --- splitting and reassigning --------------------------------------------------------------


def test_some_lines_of_a_speaker_become_somebody_new() -> None:
    said = edited(SplitSpeaker("A", (FOURTH,), "Dora"))
    assert [name for name, _ in lines(said)] == ["Speaker A", "Speaker B", "Speaker C", "Dora"]
    assert [one.id for one in said.speakers] == ["A", "B", "C", "1"]
    assert said.turns[-1].speaker == "1"


def test_from_a_time_on_only_the_words_of_that_speaker_are_somebody_new() -> None:
    said = edited(SplitSpeaker("A", (Interval(1.0, TALK.duration),)))
    assert lines(said) == [
        ("Speaker A", "Good morning,"),
        ("Speaker 1", "Ben."),
        ("Speaker B", "Morning. Who is there?"),
        ("Speaker C", "Cleo is here."),
        ("Speaker 1", "Then let us begin."),
    ]


def test_a_turn_is_cut_between_the_words_that_part() -> None:
    said = edited(SplitSpeaker("A", (Interval(1.0, TALK.duration),)))
    assert said.turns[0].end == said.turns[1].start == pytest.approx(0.95)


def test_a_line_is_reassigned_to_who_said_it_with_its_turn() -> None:
    said = edited(ReassignInterval(THIRD, "A"))
    assert [one.speaker for one in said.segments] == ["A", "B", "A"]
    assert [one.id for one in said.speakers] == ["A", "B"]
    assert "C" not in {one.speaker for one in said.turns}


def test_the_turn_of_a_reassigned_line_leaves_no_sliver_where_it_outlasts_its_words() -> None:
    late = replace(TALK.turns[2], start=TALK.turns[2].start - 0.1, end=TALK.turns[2].end + 0.4)
    machine = replace(TALK, turns=(*TALK.turns[:2], late, TALK.turns[3]))
    said = edited(ReassignInterval(THIRD, "A"), machine=machine)
    assert [one.id for one in said.speakers] == ["A", "B"]


def test_one_word_can_be_reassigned() -> None:
    word = TALK.words[2]
    said = edited(ReassignInterval(Interval(word.start, word.end), "B"))
    assert lines(said)[1] == ("Speaker B", "Ben. Morning. Who is there?")


def test_a_line_can_be_of_somebody_new_whoever_it_was_of() -> None:
    said = edited(ReassignInterval(Interval(SECOND.start, THIRD.end), None, "Zoe"))
    assert [name for name, _ in lines(said)] == ["Speaker A", "Zoe", "Speaker A"]


def test_a_transcript_without_speakers_gets_them_by_hand() -> None:
    plain = conversation(("", "Good morning. Who is there?"))
    said = edited(ReassignInterval(Interval(0, 1), None, "Ann"), machine=plain)
    assert lines(said) == [("Ann", "Good morning."), (None, "Who is there?")]
    assert said.speakers[0].seconds == pytest.approx(0.9)


def test_speakers_made_by_edits_never_share_an_id_even_when_one_was_undone() -> None:
    said = edited(SplitSpeaker("A", (FIRST,)), Undo(), SplitSpeaker("A", (FOURTH,)))
    assert [one.id for one in said.speakers] == ["A", "B", "C", "2"]


@pytest.mark.parametrize(
    "edit",
    [
        ReassignInterval(Interval(1000, 1001), "A"),
        CorrectText(Interval(0.41, 0.49), "um"),
        SplitSpeaker("A", (FIRST, THIRD)),
        SplitSpeaker("B", (FIRST,)),
    ],
)
def test_an_interval_without_words_of_the_speaker_is_refused(edit: Edit) -> None:
    assert isinstance(refused(edit), NoWordsThere)


# --- text -----------------------------------------------------------------------------------


def test_a_misheard_word_is_corrected_in_its_time() -> None:
    word = TALK.words[2]
    said = edited(CorrectText(Interval(word.start, word.end), "Bern."))
    assert said.segments[0].text == "Good morning, Bern."
    assert said.words[2] == Word("Bern.", word.start, word.end, None, "A")
    assert said.words[:2] == TALK.words[:2]


def test_a_hallucinated_sentence_goes_when_corrected_to_nothing() -> None:
    said = edited(CorrectText(THIRD, " "))
    assert [one.speaker for one in said.segments] == ["A", "B", "A"]
    assert said.turns == TALK.turns


def test_all_words_can_go() -> None:
    assert edited(CorrectText(Interval(0, TALK.duration), "")).text == ""


def test_a_correction_of_other_words_than_those_there_is_refused() -> None:
    assert isinstance(refused(CorrectText(FIRST, "Hello.", was="Good evening.")), OtherWordsThere)


def test_words_that_share_an_instant_are_told_apart_by_what_they_were() -> None:
    words = Word("so", 0, 1), Word("um", 1, 1), Word("well", 1, 2)
    machine = Transcript("en", 9.0, "whisper", "base", (Segment(0, None, words, "so um well"),))
    said = edited(CorrectText(Interval(1, 2), "good", was="well"), machine=machine)
    assert said.text == "so um good"
    assert edited(CorrectText(Interval(1, 1), "", was="um"), machine=machine).text == "so well"
    assert edited(CorrectText(Interval(1, 2), "good"), machine=machine).text == "so good"


def test_corrections_made_at_once_are_undone_at_once() -> None:
    both = CorrectTexts((CorrectText(FIRST, "Hello."), CorrectText(FOURTH, "Bye.")))
    said = edited(both)
    assert said.text.startswith("Hello.")
    assert said.text.endswith("Bye.")
    assert edited(both, Undo()) == TALK


def test_of_corrections_made_at_once_all_are_made_or_none() -> None:
    others = CorrectText(FIRST, "Hello."), CorrectText(FOURTH, "Bye.", was="Never said.")
    log = CorrectTexts(others), RenameSpeaker("A", "Ann")
    result = apply(TALK, log)
    assert [type(one.error) for one in result.unapplied] == [OtherWordsThere]
    assert result.transcript.text == TALK.text
    with pytest.raises(InvalidParameter, match="corrections"):
        CorrectTexts(())


def test_a_correction_too_long_to_compare_is_refused() -> None:
    assert isinstance(refused(CorrectText(FIRST, "word " * 1001)), TooMuchToCorrect)
    with pytest.raises(InvalidParameter, match="text"):
        CorrectText(FIRST, "x" * 20_001)
