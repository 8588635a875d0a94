"""Recordings of live sessions, whole whatever becomes of their process."""

import wave
from pathlib import Path

import pytest

from quoth.adapters.storage.live_recordings import FolderLiveRecordings
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import OutOfDisk
from quoth.domain.jobs import JobOptions
from quoth.ports.live import RecordingNote

OPTIONS = JobOptions(language="en", keywords=("Ada",), hints=SpeakerHints(exact=2), names=("B",))
NOTE = RecordingNote("somebody", "standup", OPTIONS)
SOUND = bytes(range(200)) * 10


@pytest.fixture
def recordings(tmp_path: Path) -> FolderLiveRecordings:
    return FolderLiveRecordings(tmp_path / "live")


def samples(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        return file.readframes(file.getnframes())


def test_what_was_left_behind_is_made_whole(recordings: FolderLiveRecordings) -> None:
    growing = recordings.begin(24_000, NOTE)
    growing.write(SOUND)
    growing.note(RecordingNote("somebody", "weekly", OPTIONS))
    growing.write(SOUND[:11])  # half a sample is lost
    growing.leave()
    ((left, note),) = [*recordings.left()]
    assert note == RecordingNote("somebody", "weekly", OPTIONS)
    assert left.id == growing.id
    assert samples(left.path) == SOUND + SOUND[:10]
    left.remove()
    assert [*recordings.left()] == []
    assert [*recordings.root.iterdir()] == []


def test_what_still_grows_is_left_alone(recordings: FolderLiveRecordings) -> None:
    growing = recordings.begin(24_000, NOTE)
    growing.write(SOUND)
    assert [*recordings.left()] == []
    growing.finish()
    assert samples(growing.path) == SOUND
    assert [*recordings.left()] == []
    growing.leave()


def test_one_in_which_nothing_was_heard_is_removed(recordings: FolderLiveRecordings) -> None:
    recordings.begin(24_000, NOTE).leave()
    assert [*recordings.left()] == []
    assert [*recordings.root.iterdir()] == []


def test_one_without_a_note_that_can_be_read_is_lost_to_nobody(
    recordings: FolderLiveRecordings,
) -> None:
    growing = recordings.begin(24_000, NOTE)
    growing.write(SOUND)
    growing.leave()
    (growing.path.parent / "session.json").write_text("{")
    assert [*recordings.left()] == []
    assert samples(growing.path) == SOUND


def test_where_there_is_no_room_nothing_is_written(tmp_path: Path) -> None:
    def full(_size: int) -> None:
        raise OutOfDisk(str(tmp_path))

    growing = FolderLiveRecordings(tmp_path, full).begin(24_000, NOTE)
    with pytest.raises(OutOfDisk):
        growing.write(SOUND)
    growing.remove()
