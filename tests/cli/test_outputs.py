"""Names of results, and writing them whole or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.cli.outputs import OutputFolder, output_stems
from quoth.domain.errors import InvalidParameter

NAMES = st.sampled_from(["a.mp3", "a.wav", "a.mp3.wav", "a.wav-2.mp3", "b/a.mp3", "c/a.mp3", "b"])


def test_a_recording_alone_gives_its_stem() -> None:
    assert output_stems([Path("x/talk.mp3"), Path("y/walk.mp3")]) == {
        Path("x/talk.mp3"): "talk",
        Path("y/walk.mp3"): "walk",
    }


@given(st.lists(NAMES.map(Path)))
def test_no_two_recordings_share_a_result(sources: list[Path]) -> None:
    stems = output_stems(sources)
    assert set(stems) == set(sources)
    assert len(set(stems.values())) == len(stems)


def test_a_name_that_is_not_text_becomes_text() -> None:
    (stem,) = output_stems([Path("talk-\udcff.wav")]).values()
    assert stem.encode() == "talk-\ufffd.wav".removesuffix(".wav").encode()


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").mkdir()
    with pytest.raises(InvalidParameter, match="cannot be written"):
        OutputFolder(tmp_path, is_forced=True).write("talk", ".txt", b"words")
    assert [path.name for path in tmp_path.iterdir()] == ["talk.txt"]
