"""Folders of jobs: what is in them is whole."""

from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.adapters.storage.job_results import Codec
from quoth.adapters.storage.whole_files import writing
from quoth.domain.peaks import peaks_of
from quoth.domain.transcript import Transcript
from quoth.formats import json
from quoth.ports.jobs import DecodedJob

ID = "0123456789abcdef0123456789abcdef"
SOUND = ArrayWaveform(np.full(16_000, 0.25, np.float32))


@pytest.fixture
def files(tmp_path: Path) -> FolderJobFiles:
    return FolderJobFiles(tmp_path / "jobs", Codec(json.render, json.parse), PcmFile)


def test_a_write_that_fails_leaves_what_was_there(files: FolderJobFiles) -> None:
    path = files.folder(ID) / "transcript.json"
    path.write_text("old", "utf-8")
    with pytest.raises(ZeroDivisionError), writing(path) as file:
        file.write(b"half of the new")
        raise ZeroDivisionError
    assert path.read_text("utf-8") == "old"
    assert [each.name for each in path.parent.iterdir()] == ["transcript.json"]


def test_a_recording_that_does_not_come_whole_leaves_no_folder(files: FolderJobFiles) -> None:
    with pytest.raises(ZeroDivisionError), files.adding(ID) as path:
        path.write_bytes(b"half")
        raise ZeroDivisionError
    assert list(files.root.iterdir()) == []


def test_a_first_transcript_that_comes_too_late_replaces_none(files: FolderJobFiles) -> None:
    first, late = (Transcript("en", length, "fake", "fake") for length in (1.0, 2.0))
    assert files.add_transcript(ID, first)
    assert not files.add_transcript(ID, late)
    assert files.transcript(ID) == first
    assert [each.name for each in files.folder(ID).iterdir()] == ["transcript.json"]
    files.keep_transcript(ID, late)
    assert files.transcript(ID) == late


def test_what_lost_leases_decoded_goes_with_the_rest(files: FolderJobFiles) -> None:
    files.decoded_path(ID, 1).write_bytes(b"half")
    files.decoded_path(ID, 2).write_bytes(bytes(32_000))
    files.keep_decoded(ID, DecodedJob(SOUND, ()), peaks_of(SOUND), 2)
    assert files.decoded_path(ID, 1).read_bytes() == b"half"
    files.clear_work(ID)
    assert [each.name for each in files.folder(ID).iterdir()] == ["peaks.npy"]


@pytest.mark.parametrize("job_id", ["", "..", "../" + ID, ID.upper(), ID + "0", "/etc"])
def test_only_an_id_of_ours_names_a_folder(files: FolderJobFiles, job_id: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        files.folder(job_id)
