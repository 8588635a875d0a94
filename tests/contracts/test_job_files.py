"""What every place for the files of jobs keeps to: what is in it is whole, and the first stays."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.storage.bucket import open_bucket
from quoth.adapters.storage.bucket_job_files import BucketJobFiles
from quoth.adapters.storage.bucket_leftovers import BucketLeftovers
from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.adapters.storage.job_results import Codec
from quoth.adapters.storage.leftovers import FolderLeftovers
from quoth.domain.audio import Interval
from quoth.domain.diarization import SpeakerEvidence
from quoth.domain.job_errors import NothingKept
from quoth.domain.peaks import peaks_of
from quoth.domain.references import KnownVoices, Reference
from quoth.domain.transcript import Transcript
from quoth.formats import json
from quoth.ports.jobs import DecodedJob, JobFiles
from quoth.ports.leftovers import Leftovers
from tests.buckets import BucketServer

ID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
SOUND = ArrayWaveform(np.full(16_000, 0.25, np.float32))
FIRST = Transcript("en", 1.0, "fake", "first", warnings=("one",))
SECOND = Transcript("en", 1.0, "fake", "second")
CODEC = Codec(json.render, json.parse)

Machine = Callable[[str], JobFiles]
"""Gives the store as a machine of that name sees it."""


@pytest.fixture(params=["folder", "bucket"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    if request.param == "folder":
        return lambda _: FolderJobFiles(tmp_path / "jobs", CODEC, PcmFile)
    server: BucketServer = request.getfixturevalue("bucket_server")
    access = server.access(server.make_bucket())
    return lambda name: BucketJobFiles(open_bucket(access), tmp_path / name, CODEC, PcmFile)


@pytest.fixture
def files(machine: Machine) -> JobFiles:
    return machine("one")


def leftovers(files: JobFiles) -> Leftovers:
    if isinstance(files, BucketJobFiles):
        return BucketLeftovers(files)
    assert isinstance(files, FolderJobFiles)
    return FolderLeftovers(files)


def take_in(files: JobFiles, content: bytes = b"recording", job_id: str = ID) -> None:
    with files.adding(job_id) as path:
        path.write_bytes(content)


def decode(files: JobFiles, lease: int = 0) -> None:
    files.decoded_path(ID, lease).write_bytes(np.full(16_000, 8192, "<i2").tobytes())
    decoded = DecodedJob(SOUND, (Interval(0.0, 0.5),), ("odd",))
    files.keep_decoded(ID, decoded, peaks_of(SOUND), lease)


def test_everything_comes_back_as_it_was_kept_on_another_machine(machine: Machine) -> None:
    files, there = machine("one"), machine("two")
    take_in(files)
    decode(files)
    assert files.keep_words(ID, FIRST)
    assert files.add_transcript(ID, FIRST)
    assert files.keep_evidence(ID, SpeakerEvidence("fake-1", 1.0, {"a": np.arange(3)}))
    kept = there.decoded(ID)
    assert kept is not None
    assert (kept.speech, kept.warnings) == ((Interval(0.0, 0.5),), ("odd",))
    assert kept.waveform.samples(0, 2).tolist() == [0.25, 0.25]
    assert kept.waveform.sample_count == 16_000
    assert there.words(ID) == there.transcript(ID) == FIRST
    evidence, peaks = there.evidence(ID), there.peaks(ID)
    assert evidence is not None
    assert peaks is not None
    assert evidence.arrays["a"].tolist() == [0, 1, 2]
    assert peaks.values.tolist() == peaks_of(SOUND).values.tolist()
    with there.local_source(ID) as path:
        assert path.read_bytes() == b"recording"


def test_known_people_come_back_as_they_were_kept(machine: Machine) -> None:
    files, there = machine("one"), machine("two")
    ramp = ArrayWaveform(np.arange(-32_768, 32_768, dtype=np.float32) / np.float32(32_768))
    files.keep_references(ID, [Reference("Ana\0", SOUND), Reference("Zoë, of Köln", ramp)])
    ana, zoe = there.references(ID)
    assert (ana.name, zoe.name) == ("Ana\0", "Zoë, of Köln")
    assert np.array_equal(ana.waveform.samples(0, 20_000), SOUND.array)
    assert np.array_equal(zoe.waveform.samples(1, 65_535), ramp.array[1:65_535])
    voice = np.random.default_rng(1).normal(size=192).astype(np.float32)
    assert files.keep_known_voices(ID, KnownVoices("fake-1", {"Ana": voice, "Zoë": None}))
    assert not there.keep_known_voices(ID, KnownVoices("fake-2", {}))
    known = there.known_voices(ID)
    assert known is not None
    assert (known.kind, known.voices["Zoë"]) == ("fake-1", None)
    kept = known.voices["Ana"]
    assert kept is not None
    assert kept.dtype == np.float32
    assert np.array_equal(kept, voice)
    files.clear_work(ID)
    assert list(there.references(ID)) == []
    assert there.known_voices(ID) is not None


def test_what_was_never_kept_is_not_there(files: JobFiles) -> None:
    reads = (
        files.decoded, files.words, files.evidence, files.transcript, files.peaks, files.recording,
        files.known_voices,
    )  # fmt: skip
    for read in reads:
        assert read(ID) is None, read
    assert not files.references(ID)
    assert list(files.ids()) == []
    with pytest.raises(NothingKept, match="gone"), files.local_source(ID):
        pass


def test_who_comes_late_with_a_result_replaces_nothing(machine: Machine) -> None:
    files, late = machine("one"), machine("late")
    evidence = SpeakerEvidence("fake-1", 1.0, {"a": np.arange(3)})
    assert files.keep_words(ID, FIRST)
    assert files.keep_evidence(ID, evidence)
    assert files.add_transcript(ID, FIRST)
    assert not late.keep_words(ID, SECOND)
    assert not late.keep_evidence(ID, SpeakerEvidence("fake-2", 1.0, {"a": np.arange(4)}))
    assert not late.add_transcript(ID, SECOND)
    assert files.words(ID) == files.transcript(ID) == FIRST
    kept = files.evidence(ID)
    assert kept is not None
    assert kept.arrays["a"].tolist() == [0, 1, 2]
    files.keep_transcript(ID, SECOND)
    assert not late.add_transcript(ID, FIRST)
    assert files.transcript(ID) == SECOND


def test_of_many_results_at_once_one_stays(machine: Machine) -> None:
    many = [Transcript("en", 1.0, "fake", f"model {number}") for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda each: machine(each.model).add_transcript(ID, each), many))
    assert sum(kept) == 1
    assert machine("one").transcript(ID) == many[kept.index(True)]


def test_a_recording_that_does_not_come_whole_leaves_nothing(files: JobFiles) -> None:
    with pytest.raises(ZeroDivisionError), files.adding(ID) as path:
        path.write_bytes(b"half")
        raise ZeroDivisionError
    assert list(files.ids()) == []
    assert files.recording(ID) is None


def test_a_recording_is_read_in_pieces(files: JobFiles) -> None:
    content = np.random.default_rng(1).bytes(3_000_000)
    take_in(files, content)
    found = files.recording(ID)
    assert found is not None
    assert found.size_bytes == len(content)
    assert abs(found.changed - time.time()) < 60
    with found.open() as file:
        file.seek(2_500_000)
        assert file.read(10) == content[2_500_000:2_500_010]
        file.seek(-10, 2)
        assert file.read() == content[-10:]
        assert file.read() == b""
        file.seek(0)
        assert file.read() == content


def test_a_recording_larger_than_a_part_of_an_upload_comes_whole(files: JobFiles) -> None:
    content = np.random.default_rng(2).bytes(20_000_000)
    take_in(files, content)
    with files.local_source(ID) as path:
        assert path.read_bytes() == content


def test_a_finished_job_keeps_no_samples(machine: Machine) -> None:
    files = machine("one")
    decode(files)
    files.clear_work(ID)
    assert files.decoded(ID) is None
    assert machine("two").decoded(ID) is None
    assert files.peaks(ID) is not None


def test_who_still_decodes_under_a_lost_lease_cuts_nothing(files: JobFiles) -> None:
    decode(files, 2)
    with files.decoded_path(ID, 1).open("wb") as late:
        late.write(b"half")
        found = files.decoded(ID)
        assert found is not None
        assert found.waveform.samples(15_999, 16_000).tolist() == [0.25]


def test_samples_that_were_cut_short_are_not_taken_for_whole(files: JobFiles) -> None:
    decode(files)
    kept = files.decoded(ID)
    assert kept is not None
    assert isinstance(kept.waveform, PcmFile)
    path = kept.waveform.path
    path.write_bytes(path.read_bytes()[:-2])
    found = files.decoded(ID)
    assert found is None or path.stat().st_size == 32_000


def test_what_is_disowned_stays_so_until_it_is_removed(machine: Machine) -> None:
    files, other = machine("one"), machine("two")
    take_in(files)
    files.own(ID)
    assert not other.is_disowned(ID)
    files.disown(ID)
    assert other.is_disowned(ID)
    other.remove(ID)
    assert list(files.ids()) == []
    assert not files.is_disowned(ID)
    assert files.recording(ID) is None


def test_removing_one_job_leaves_the_other(files: JobFiles) -> None:
    take_in(files)
    take_in(files, b"other", OTHER)
    assert sorted(files.ids()) == [ID, OTHER]
    files.remove(ID)
    files.remove(ID)
    assert list(files.ids()) == [OTHER]
    files.remove_source(OTHER)
    files.remove_source(OTHER)
    assert files.recording(OTHER) is None


def test_leftovers_are_found_by_their_age(files: JobFiles) -> None:
    look = leftovers(files)
    assert not look.is_mounted()
    take_in(files)
    assert look.is_mounted()
    assert look.folders(time.time() - 3600) == []
    assert list(look.folders(time.time() + 3600)) == [ID]
    assert look.has_source(ID)
    assert not look.has_transcript(ID)
    files.keep_transcript(ID, FIRST)
    assert look.has_transcript(ID)


@pytest.mark.parametrize("job_id", ["", "..", "../" + ID, ID.upper(), ID + "0", "/etc"])
def test_only_an_id_of_ours_names_a_job(files: JobFiles, job_id: str) -> None:
    for ask in (files.words, files.remove, files.decoded_path, files.recording):
        with pytest.raises(ValueError, match="not the id"):
            ask(job_id)
