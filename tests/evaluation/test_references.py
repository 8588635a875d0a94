import json
from pathlib import Path

import pytest

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import InvalidParameter, NotInFormat
from quoth.evaluation.references import (
    Utterance,
    find_references,
    load_reference,
    parse_json,
    parse_text,
)

RTTM = """\
SPEAKER talk 1 0.0 2.0 <NA> <NA> ana <NA> <NA>
SPEAKER talk 1 1.5 1.0 <NA> <NA> bo <NA> <NA>
"""


def recording(folder: Path, name: str = "talk.flac", **beside: str) -> Path:
    audio = folder / name
    audio.touch()
    for suffix, content in beside.items():
        audio.with_suffix(f".{suffix}").write_text(content, "utf-8")
    return audio


def test_rttm_says_when_and_text_says_what(tmp_path: Path) -> None:
    reference = load_reference(recording(tmp_path, rttm=RTTM, txt="ana: hello\n\nbo: hi there\n"))
    assert reference.turns == (SpeakerTurn(0.0, 2.0, "ana"), SpeakerTurn(1.5, 2.5, "bo"))
    assert reference.text == "hello hi there"
    assert reference.speakers == {"ana", "bo"}


def test_lines_in_the_order_of_turns_take_their_times(tmp_path: Path) -> None:
    reference = load_reference(recording(tmp_path, rttm=RTTM, txt="ana: hello\nbo: hi there\n"))
    assert reference.utterances == (
        Utterance("hello", "ana", 0.0, 2.0),
        Utterance("hi there", "bo", 1.5, 2.5),
    )


def test_lines_in_another_order_than_the_turns_take_no_times(tmp_path: Path) -> None:
    reference = load_reference(recording(tmp_path, rttm=RTTM, txt="bo: hi\nana: hello\n"))
    assert not reference.has_times


def test_text_without_speakers_is_text_alone() -> None:
    assert parse_text("He said: go.\nAnd so on, he said\n") == (
        Utterance("He said: go."),
        Utterance("And so on, he said"),
    )


def test_turns_of_json_come_in_order_of_start_with_their_utterances_in_order() -> None:
    one = {"start": 0.5, "end": 1.0, "text": "one"}
    two = {"start": 4.0, "end": 5.0, "text": "two"}
    turns = [
        {"speaker": "B", "start": 3.0, "end": 3.5, "text": "hm"},
        {"speaker": "A", "start": 0.5, "end": 5.0, "text": "one two", "utterances": [one, two]},
    ]
    assert parse_json(json.dumps({"turns": turns})) == (
        Utterance("one", "A", 0.5, 1.0),
        Utterance("two", "A", 4.0, 5.0),
        Utterance("hm", "B", 3.0, 3.5),
    )


def test_json_without_rttm_says_when_as_well(tmp_path: Path) -> None:
    turns = [{"speaker": "B", "start": 3.0, "end": 3.5, "text": "hm"}]
    reference = load_reference(recording(tmp_path, json=json.dumps({"turns": turns})))
    assert reference.turns == (SpeakerTurn(3.0, 3.5, "B"),)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"turns": [{"start": "x"}]}', "3"])
def test_other_json_is_refused(content: str) -> None:
    with pytest.raises(NotInFormat, match="JSON reference"):
        parse_json(content)


def test_a_folder_gives_each_name_once_and_only_what_has_a_reference(tmp_path: Path) -> None:
    recording(tmp_path, "b.mp3", txt="hello")
    recording(tmp_path, "b.flac")
    recording(tmp_path, "unknown.wav")
    (tmp_path / "deeper").mkdir()
    recording(tmp_path / "deeper", "a.wav", rttm=RTTM)
    assert [one.audio.name for one in find_references(tmp_path)] == ["b.flac", "a.wav"]


def test_a_single_recording_needs_no_reference(tmp_path: Path) -> None:
    (only,) = find_references(recording(tmp_path))
    assert (only.utterances, only.turns, only.speakers) == ((), (), frozenset())


@pytest.mark.parametrize("path", ["", "nowhere"])
def test_nothing_to_measure_is_said(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidParameter, match="path"):
        find_references(tmp_path / path)
