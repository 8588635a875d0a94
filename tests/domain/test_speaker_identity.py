"""Edits after the speakers were told apart anew."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.audio import Interval
from quoth.domain.edit_errors import SpeakerNotFoundAgain
from quoth.domain.editing import EditedTranscript, apply
from quoth.domain.edits import (
    CorrectText,
    Edit,
    EditLog,
    MergeSpeakers,
    ReassignInterval,
    RenameSpeaker,
    SplitSpeaker,
)
from quoth.domain.speaker_identity import basis_of
from quoth.domain.transcript import Transcript
from tests.conversations import conversation, lines
from tests.edit_strategies import edits, logs, machine_transcripts

SAID = (
    "Well, good morning to both of you.",
    "Good morning. Who is there?",
    "Only me, as ever.",
    "Then let us begin at last.",
)


def told_apart(*voices: str) -> Transcript:
    """The same words each time, said by these voices line by line."""
    return conversation(*zip(voices, SAID, strict=True))


THREE = told_apart("x", "y", "z", "y")
LAST = Interval(THREE.segments[3].start, THREE.segments[3].end)


def log_on(machine: Transcript, *made: Edit) -> EditLog:
    assert not apply(machine, made).unapplied
    return [basis_of(machine), *made]


def names(transcript: Transcript) -> list[str | None]:
    return [name for name, _ in lines(transcript)]


def reasons(machine: Transcript, log: EditLog) -> list[str]:
    errors = [one.error for one in apply(machine, log).unapplied]
    assert all(isinstance(error, SpeakerNotFoundAgain) for error in errors)
    return [str(error) for error in errors]


def with_ids(transcript: Transcript, ids: dict[str | None, str]) -> Transcript:
    """The same people under other ids."""
    return replace(
        transcript,
        segments=tuple(
            replace(
                line,
                speaker=ids[line.speaker],
                words=tuple(replace(word, speaker=ids[word.speaker]) for word in line.words),
            )
            for line in transcript.segments
        ),
        speakers=tuple(
            replace(one, id=ids[one.id], name=f"Speaker {ids[one.id]}")
            for one in transcript.speakers
        ),
        turns=tuple(replace(one, speaker=ids[one.speaker]) for one in transcript.turns),
    )


def test_a_name_goes_with_the_person_when_ids_change() -> None:
    log = log_on(THREE, RenameSpeaker("B", "Ben"))
    swapped = with_ids(THREE, {"A": "C", "B": "A", "C": "B"})
    assert names(apply(swapped, log).transcript) == ["Speaker C", "Ben", "Speaker B", "Ben"]


def test_a_name_stays_with_most_of_somebody_who_became_two() -> None:
    two = told_apart("x", "y", "y", "y")
    log = log_on(two, RenameSpeaker("B", "Ben"))
    assert names(apply(THREE, log).transcript) == ["Speaker A", "Ben", "Speaker C", "Ben"]


def test_a_name_is_not_given_where_two_share_what_one_said() -> None:
    one, two = told_apart("x", "x", "x", "x"), told_apart("x", "x", "y", "y")
    log = log_on(one, RenameSpeaker("A", "Ann"))
    assert "no longer one speaker's" in reasons(two, log)[0]
    assert apply(two, log).transcript is two


def test_two_names_for_one_leave_the_name_of_whom_there_is_more() -> None:
    log = log_on(THREE, RenameSpeaker("B", "Ben"), RenameSpeaker("C", "Cleo"))
    two = told_apart("x", "y", "y", "y")
    assert names(apply(two, log).transcript) == ["Speaker A", "Ben"]
    assert "a lesser part of what speaker 'B' says" in reasons(two, log)[0]


def test_one_whom_four_are_now_counted_to_gets_the_name_of_none() -> None:
    four, alone = told_apart("w", "x", "y", "z"), told_apart("x", "x", "x", "x")
    log = log_on(four, *(RenameSpeaker(one.id, f"Name {one.id}") for one in four.speakers))
    assert len(reasons(alone, log)) == 4
    assert apply(alone, log).transcript is alone


def test_an_edit_that_was_not_applied_comes_back_when_it_fits_again() -> None:
    log = log_on(THREE, RenameSpeaker("C", "Cleo"))
    assert reasons(told_apart("x", "y", "y", "y"), log)
    assert names(apply(told_apart("p", "q", "r", "q"), log).transcript)[2] == "Cleo"


def test_two_who_were_merged_are_merged_again() -> None:
    log = log_on(THREE, MergeSpeakers("C", into="B"))
    again = apply(told_apart("q", "r", "s", "r"), log)
    assert [one.id for one in again.transcript.speakers] == ["A", "B"]


def test_two_whom_the_machine_merges_itself_need_no_merging() -> None:
    two = told_apart("x", "y", "y", "y")
    result = apply(two, log_on(THREE, MergeSpeakers("C", into="B")))
    assert result.transcript is two
    assert not result.unapplied


def test_a_merge_never_takes_in_people_it_was_not_about() -> None:
    log = log_on(THREE, MergeSpeakers("C", into="B"))
    two = told_apart("x", "y", "x", "y")
    assert reasons(two, log)
    assert apply(two, log).transcript is two


def test_corrected_text_is_there_whoever_says_it() -> None:
    log = log_on(THREE, CorrectText(LAST, "Then let us begin. At last!"))
    for voices in ("xxxx", "xyxy", "abcd"):
        result = apply(told_apart(*voices), log)
        assert result.transcript.text.endswith("Then let us begin. At last!")
        assert not result.unapplied


def test_a_line_that_was_reassigned_is_still_whose_it_is() -> None:
    log = log_on(THREE, ReassignInterval(LAST, "A"), RenameSpeaker("A", "Ann"))
    assert names(apply(told_apart("q", "r", "s", "s"), log).transcript)[-1] == "Ann"


def test_a_line_reassigned_to_somebody_who_is_no_more_is_reported() -> None:
    log = log_on(THREE, ReassignInterval(LAST, "C"))
    assert reasons(told_apart("x", "y", "x", "y"), log)


def test_somebody_new_is_there_again_and_can_be_renamed() -> None:
    log = log_on(THREE, ReassignInterval(LAST, None), RenameSpeaker("1", "Zoe"))
    result = apply(told_apart("x", "x", "x", "x"), log)
    assert names(result.transcript)[-1] == "Zoe"
    assert not result.unapplied


def test_a_split_finds_the_lines_even_where_the_machine_split_them_itself() -> None:
    two = told_apart("x", "y", "x", "y")
    log = log_on(two, SplitSpeaker("B", (LAST,), "Dora"))
    assert names(apply(told_apart("x", "y", "x", "z"), log).transcript)[-1] == "Dora"


def test_edits_made_on_two_tellings_apart_mean_each_its_own_speakers() -> None:
    first = told_apart("x", "y", "y", "y")
    log = [*log_on(first, RenameSpeaker("B", "Ben")), basis_of(THREE), RenameSpeaker("C", "Cleo")]
    assert names(apply(THREE, log).transcript) == ["Speaker A", "Ben", "Cleo", "Ben"]


def test_speakers_found_in_a_transcript_that_had_none_leave_edits_by_hand() -> None:
    plain = told_apart("", "", "", "")
    log = log_on(plain, ReassignInterval(LAST, None, "Ann"))
    assert names(apply(THREE, log).transcript) == ["Speaker A", "Speaker B", "Speaker C", "Ann"]


@given(st.data())
def test_the_same_telling_apart_means_the_same_edits(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    log = data.draw(logs(machine))
    again = apply(machine, [basis_of(machine), *log])
    assert again.transcript == apply(machine, log).transcript
    assert len(again.unapplied) == len(apply(machine, log).unapplied)


@given(st.data())
def test_text_is_corrected_alike_whoever_spoke(data: st.DataObject) -> None:
    machine = data.draw(machine_transcripts())
    other = replace(data.draw(machine_transcripts(machine.words)), language=machine.language)
    log = data.draw(st.lists(edits(machine), max_size=5))
    first, second = apply(machine, log), apply(other, [basis_of(machine), *log])
    assert texts(second.transcript) == texts(first.transcript)
    corrections = {at for at, one in enumerate(log, start=1) if isinstance(one, CorrectText)}
    assert corrections & positions(second) == corrections & {at + 1 for at in positions(first)}


def texts(transcript: Transcript) -> list[tuple[str, float, float]]:
    return [(one.text, one.start, one.end) for one in transcript.words]


def positions(edited: EditedTranscript) -> set[int]:
    return {one.made.position for one in edited.unapplied}
