"""Which recordings are meant, and where results go."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.cli.recordings import Recording, find_recordings, is_recording, recordings_in


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")


def targets(recordings: list[Recording]) -> list[str]:
    return [str(each.folder / each.stem) for each in recordings]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_stands_for_the_recordings_in_it_and_below(here: Path) -> None:
    touch(*(here / "in" / name for name in ("b.mp3", "a.wav", "deep/er/c.M4A")))
    touch(*(here / "in" / name for name in ("notes.txt", ".hidden.mp3", ".trash/d.mp3", "e.part")))
    assert targets(find_recordings(["in"], None)) == ["in/a", "in/b", "in/deep/er/c"]
    assert targets(find_recordings(["in"], Path("out"))) == ["out/a", "out/b", "out/deep/er/c"]


def test_a_named_file_may_be_called_anything_and_need_not_be_there(here: Path) -> None:
    touch(here / "dictation")
    assert targets(find_recordings(["dictation", "gone.wav"], None)) == ["dictation", "gone"]
    assert targets(find_recordings(["dictation"], Path("out"))) == ["out/dictation"]


def test_a_pattern_the_shell_left_alone_is_followed(here: Path) -> None:
    touch(*(here / name for name in ("x/1.mp3", "x/2.mp3", "x/y/3.mp3", "x/2.txt")))
    assert [str(each.source) for each in find_recordings(["x/*.mp3"], None)] == [
        "x/1.mp3",
        "x/2.mp3",
    ]
    assert len(find_recordings(["x/**/*.mp3"], None)) == 3


def test_a_file_with_a_star_in_its_name_is_that_file(here: Path) -> None:
    touch(here / "take [1].mp3", here / "take 1.mp3")
    assert [str(each.source) for each in find_recordings(["take [1].mp3"], None)] == [
        "take [1].mp3"
    ]


def test_what_is_named_twice_is_done_once(here: Path) -> None:
    touch(here / "in" / "a.mp3")
    assert len(find_recordings(["in/a.mp3", "in", "in/*.mp3"], None)) == 1


def test_standard_input_has_a_name_for_its_results() -> None:
    (recording,) = find_recordings(["-"], Path("out"))
    assert recording.is_stdin
    assert (str(recording.folder / recording.stem), recording.size_bytes) == ("out/stdin", 0)


def test_recordings_of_one_name_do_not_overwrite_one_another(here: Path) -> None:
    touch(here / "in" / "talk.mp3", here / "in" / "talk.wav", here / "other" / "talk.mp3")
    found = targets(find_recordings(["in", "other/talk.mp3"], Path("out")))
    assert len(set(found)) == 3


NAMES = st.binary(min_size=1, max_size=6).map(
    lambda name: os.fsdecode(name.replace(b"/", b"_").replace(b"\0", b"_") + b".mp3")
)


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b/c"]), NAMES), min_size=1, max_size=8))
def test_every_recording_has_results_of_its_own_that_can_be_written(
    names: list[tuple[str, str]],
) -> None:
    given = [str(Path(folder) / name) for folder, name in names]
    found = targets(find_recordings([path for path in given if path != "-"], Path("out")))
    assert len(set(found)) == len(found) == len({Path(path) for path in given})
    assert all(name.encode() for name in found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.mp3", True), ("A.WAV", True), ("a.txt", False), (".a.mp3", False), ("~a.mp3", False)],
)
def test_recordings_are_known_by_their_names(name: str, *, expected: bool) -> None:
    assert is_recording(Path(name)) is expected


def test_a_folder_called_like_a_recording_is_none(here: Path) -> None:
    touch(here / "in" / "album.mp3" / "a.mp3")
    assert recordings_in(here / "in") == [here / "in" / "album.mp3" / "a.mp3"]
