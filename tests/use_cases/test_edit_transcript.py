"""Editing a finished transcript."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import quoth_weights

from quoth.adapters.memory.edit_log import FakeEditLogs
from quoth.adapters.memory.engines import known_words
from quoth.adapters.onnx.diarization import OnnxDiarizer
from quoth.domain.assembly import assemble_transcript
from quoth.domain.audio import Interval
from quoth.domain.diarization import SpeakerHints
from quoth.domain.edit_errors import (
    NothingToRedo,
    NothingToUndo,
    NoWordsThere,
    StaleVersion,
    TranscriptGone,
    UnknownSpeaker,
)
from quoth.domain.edits import Basis, CorrectText, Edit, Entry, RenameSpeaker, SplitSpeaker
from quoth.formats.registry import FORMATS
from quoth.ports.edit_log import EditLogs, KeptLog
from quoth.ports.progress import unobserved
from quoth.use_cases.edit_transcript import EditTranscript
from quoth.use_cases.rediarize import Rediarize
from tests.conversations import conversation, lines
from tests.sounds import recording

MACHINE = conversation(("x", "Good morning."), ("y", "Who is there?"), ("z", "Only me."))
ONE = conversation(("x", "Good morning."), ("x", "Who is there?"), ("x", "Only me."))
ANN, BEN, CLEO = RenameSpeaker("A", "Ann"), RenameSpeaker("B", "Ben"), RenameSpeaker("C", "Cleo")


@pytest.fixture
def logs() -> FakeEditLogs:
    return FakeEditLogs({"job": []})


@pytest.fixture
def editing(logs: FakeEditLogs) -> EditTranscript:
    return EditTranscript(logs)


def names(state_lines: list[tuple[str | None, str]]) -> list[str | None]:
    return [name for name, _ in state_lines]


def test_a_transcript_nobody_edited_can_be_edited_only(editing: EditTranscript) -> None:
    state = editing.state("job", MACHINE)
    assert state.transcript is MACHINE
    assert not state.can_undo
    assert not state.can_redo
    with pytest.raises(NothingToUndo):
        editing.undo("job", MACHINE)
    with pytest.raises(NothingToRedo):
        editing.redo("job", MACHINE)


def test_what_an_edit_gives_is_what_is_there_afterwards(editing: EditTranscript) -> None:
    state = editing.edit("job", MACHINE, ANN)
    assert names(lines(state.transcript)) == ["Ann", "Speaker B", "Speaker C"]
    assert state == editing.state("job", MACHINE)
    assert state.can_undo


def test_edits_are_undone_and_redone_one_by_one(editing: EditTranscript) -> None:
    ann = editing.edit("job", MACHINE, ANN).transcript
    both = editing.edit("job", MACHINE, BEN).transcript
    assert editing.undo("job", MACHINE).transcript == ann
    state = editing.undo("job", MACHINE)
    assert state.transcript == MACHINE
    assert (state.can_undo, state.can_redo) == (False, True)
    editing.redo("job", MACHINE)
    assert editing.redo("job", MACHINE).transcript == both


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (RenameSpeaker("D", "Dan"), UnknownSpeaker),
        (CorrectText(Interval(50, 51), "what"), NoWordsThere),
    ],
)
def test_an_edit_that_cannot_be_made_leaves_the_log_alone(
    editing: EditTranscript, logs: FakeEditLogs, edit: Edit, error: type[Exception]
) -> None:
    editing.edit("job", MACHINE, ANN)
    before = logs.read("job")
    with pytest.raises(error):
        editing.edit("job", MACHINE, edit)
    assert logs.read("job") == before


def test_who_has_an_old_version_changes_nothing(
    editing: EditTranscript, logs: FakeEditLogs
) -> None:
    old = editing.state("job", MACHINE).version
    new = editing.edit("job", MACHINE, ANN, old).version
    with pytest.raises(StaleVersion):
        editing.edit("job", MACHINE, BEN, old)
    with pytest.raises(StaleVersion):
        editing.undo("job", MACHINE, old)
    with pytest.raises(StaleVersion):
        editing.redo("job", MACHINE, old)
    assert logs.read("job").version == new
    assert editing.edit("job", MACHINE, BEN, new).version != new


class Crowded:
    """`EditLogs` in which somebody else is always faster, the first time."""

    def __init__(self, logs: EditLogs, other: Entry) -> None:
        self.logs, self.other, self.calls = logs, other, 0

    def read(self, job: str) -> KeptLog:
        return self.logs.read(job)

    def append(self, job: str, entries: Sequence[Entry], version: str) -> str:
        self.calls += 1
        if self.calls == 1:
            self.logs.append(job, [self.other], version)
        return self.logs.append(job, entries, version)


def test_who_minds_no_version_comes_after_whoever_was_faster(logs: FakeEditLogs) -> None:
    state = EditTranscript(Crowded(logs, BEN)).edit("job", MACHINE, ANN)
    assert names(lines(state.transcript)) == ["Ann", "Ben", "Speaker C"]


def test_who_minds_the_version_is_told_even_of_the_last_instant(logs: FakeEditLogs) -> None:
    with pytest.raises(StaleVersion):
        EditTranscript(Crowded(logs, BEN)).edit("job", MACHINE, ANN, logs.read("job").version)
    assert logs.read("job").entries == (BEN,)


def test_an_edit_of_a_deleted_transcript_is_said_to_be_lost(editing: EditTranscript) -> None:
    with pytest.raises(TranscriptGone):
        editing.edit("deleted", MACHINE, ANN)


def test_whom_ids_mean_is_kept_once_for_each_telling_apart_of_the_speakers(
    editing: EditTranscript, logs: FakeEditLogs
) -> None:
    editing.edit("job", MACHINE, ANN)
    editing.edit("job", MACHINE, BEN)
    editing.edit("job", ONE, CorrectText(Interval(0, 0.4), "Fine"))
    editing.edit("job", ONE, RenameSpeaker("A", "Everybody"))
    kinds = [isinstance(entry, Basis) for entry in logs.read("job").entries]
    assert kinds == [True, False, False, False, True, False]


def test_edits_wait_while_they_do_not_fit_and_come_back(editing: EditTranscript) -> None:
    for edit in (ANN, BEN, CLEO, CorrectText(Interval(0, 0.4), "Fine")):
        editing.edit("job", MACHINE, edit)
    state = editing.state("job", ONE)
    assert state.transcript.text.startswith("Fine morning.")
    assert [one.made.edit for one in state.unapplied] == [ANN, BEN, CLEO]
    assert not editing.state("job", MACHINE).unapplied


def test_an_edit_can_be_made_while_others_wait(editing: EditTranscript) -> None:
    editing.edit("job", MACHINE, CLEO)
    state = editing.edit("job", ONE, RenameSpeaker("A", "Everybody"))
    assert names(lines(state.transcript)) == ["Everybody"]
    assert [one.made.edit for one in state.unapplied] == [CLEO]


@pytest.mark.parametrize("name", FORMATS)
def test_exports_are_of_the_edited_transcript(editing: EditTranscript, name: str) -> None:
    editing.edit("job", MACHINE, SplitSpeaker("A", (Interval(0.5, 1),), "Zoë"))
    said = editing.edit("job", MACHINE, CorrectText(Interval(0.5, 1), "evening.")).transcript
    written = FORMATS[name].render(said, "talk")
    assert written != FORMATS[name].render(MACHINE, "talk")
    if not FORMATS[name].is_binary:
        assert "evening." in written.decode() or name == "rttm"
        assert "Zoë" in written.decode()


def test_edits_outlive_a_real_telling_apart_of_the_speakers(editing: EditTranscript) -> None:
    waveform = recording(Path(__file__).parents[1] / "data" / "sample.wav")
    diarizer = OnnxDiarizer(
        quoth_weights.directory("segmentation-3.0") / "model.onnx",
        quoth_weights.directory("campplus") / "model.onnx",
    )
    evidence = diarizer.analyse(waveform, unobserved)
    machine = assemble_transcript(
        known_words(Interval(0, waveform.duration)),
        diarizer.cluster(evidence, SpeakerHints(exact=2)),
        language="en",
        duration=waveform.duration,
        engine="fake",
        model="fake",
    )
    for edit in (ANN, BEN, CorrectText(Interval(5, 5.4), "Fine.")):
        editing.edit("job", machine, edit)
    anew = Rediarize(diarizer)(machine, evidence, SpeakerHints(exact=3))
    state = editing.state("job", anew)
    assert {one.name for one in state.transcript.speakers} > {"Ann", "Ben"}
    assert "Fine." in state.transcript.text
    assert not state.unapplied
