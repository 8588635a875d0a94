"""What a log of edits comes to: undo, redo, and what holds whatever the edits are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.edit_errors import NothingToRedo, NothingToUndo
from quoth.domain.editing import apply
from quoth.domain.edits import (
    CorrectText,
    CorrectTexts,
    Entry,
    ReassignInterval,
    Redo,
    RenameSpeaker,
    SplitSpeaker,
    Undo,
)
from quoth.domain.transcript import Transcript
from tests.conversations import conversation
from tests.edit_strategies import edits, logs, machine_transcripts

TALK = conversation(("ann", "Good morning, Ben."), ("ben", "Morning. Who is there?"))


def edited(*log: Entry) -> Transcript:
    result = apply(TALK, log)
    assert not result.unapplied
    return result.transcript


def test_undo_goes_back_one_by_one_and_redo_comes_again() -> None:
    anna, ben = RenameSpeaker("A", "Anna"), RenameSpeaker("B", "Ben")
    assert edited(anna, ben, Undo()) == edited(anna)
    assert edited(anna, ben, Undo(), Undo()) is TALK
    assert edited(anna, ben, Undo(), Undo(), Redo()) == edited(anna)
    assert edited(anna, ben, Undo(), Undo(), Redo(), Redo()) == edited(anna, ben)


def test_a_new_edit_forgets_what_was_undone() -> None:
    with pytest.raises(NothingToRedo):
        apply(TALK, [RenameSpeaker("A", "Anna"), Undo(), RenameSpeaker("B", "Ben"), Redo()])


def test_nothing_can_be_undone_where_nothing_was_done() -> None:
    with pytest.raises(NothingToUndo):
        apply(TALK, [RenameSpeaker("A", "Anna"), Undo(), Undo()])


@given(st.data())
def test_undo_of_any_edit_gives_the_state_before_and_redo_gives_it_back(
    data: st.DataObject,
) -> None:
    machine = data.draw(machine_transcripts())
    log = data.draw(logs(machine))
    edit = data.draw(edits(machine))
    assert apply(machine, [*log, edit, Undo()]) == apply(machine, log)
    assert apply(machine, [*log, edit, Undo(), Redo()]) == apply(machine, [*log, edit])


@given(st.data())
def test_words_stay_in_order_and_inside_the_recording(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    said = apply(machine, data.draw(logs(machine))).transcript
    assert all(left.end <= right.start for left, right in pairwise(said.words))
    assert all(word.end <= machine.duration for word in said.words)
    assert list(said.turns) == sorted(said.turns, key=lambda turn: turn.start)


@given(st.data())
def test_edits_never_change_the_machines_transcript(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    before = repr(machine)
    apply(machine, data.draw(logs(machine)))
    assert repr(machine) == before


@given(st.data())
def test_a_log_always_comes_to_the_same(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    log = data.draw(logs(machine))
    first, second = apply(machine, log), apply(machine, log)
    assert first.transcript == second.transcript
    assert [str(one.error) for one in first.unapplied] == [
        str(one.error) for one in second.unapplied
    ]


@given(st.data())
def test_edits_of_speakers_leave_texts_and_times_alone(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    drawn = data.draw(st.lists(edits(machine)))
    log = [one for one in drawn if not isinstance(one, CorrectText | CorrectTexts)]
    said = apply(machine, log).transcript
    assert [(one.text, one.start, one.end) for one in said.words] == [
        (one.text, one.start, one.end) for one in machine.words
    ]


@given(st.data())
def test_whoever_says_a_word_is_listed(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    said = apply(machine, data.draw(logs(machine))).transcript
    assert {one.speaker for one in said.words} - {None} <= {one.id for one in said.speakers}


@given(st.data())
def test_speakers_made_by_hand_have_turns_wherever_they_say_a_word(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    drawn = data.draw(st.lists(edits(machine)))
    log = [one for one in drawn if isinstance(one, SplitSpeaker | ReassignInterval)]
    said = apply(machine, log).transcript
    for word in said.words:
        if word.speaker is not None and word.speaker.isdecimal():
            middle = (word.start + word.end) / 2
            theirs = [turn for turn in said.turns if turn.speaker == word.speaker]
            assert any(turn.start <= middle <= turn.end for turn in theirs)


@given(st.data())
def test_an_edit_is_applied_whole_or_not_at_all(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    log = data.draw(st.lists(edits(machine), max_size=4))
    result = apply(machine, log)
    numbers = {one.made.position for one in result.unapplied}
    # ids of newcomers count edits, so what is left out stays in the log, undone
    makes_none = [
        one
        for at, one in enumerate(log)
        if at not in numbers or isinstance(one, SplitSpeaker | ReassignInterval)
    ]
    assert apply(machine, makes_none).transcript == result.transcript
