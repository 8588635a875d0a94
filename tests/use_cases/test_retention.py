"""How long finished jobs are kept."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from quoth.adapters.storage.leftovers import FolderLeftovers
from quoth.domain.errors import QuothError
from quoth.domain.job_errors import JobNotFound, NothingKept
from quoth.domain.jobs import LOCAL_OWNER, Job, JobStatus
from quoth.ports.jobs import JobFilter
from quoth.use_cases.janitor import ABANDONED_SECONDS, ORPHANED_SECONDS, Janitor, Tidied
from quoth.use_cases.retention import DAY, Expired, Keeping, Retention
from tests.jobs import RECORDING, Office, bytes_under, speaking

CANARY = "zanzibarcanary"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path / "data", speaking(CANARY)) as office:
        yield office


def retention(office: Office, audio: float | None, transcripts: float | None) -> Retention:
    keeping = Keeping(audio, transcripts)
    return Retention(
        office.store, office.files, office.feed, office.manage.delete, keeping, office.now
    )


def janitor(office: Office) -> Janitor:
    leftovers = FolderLeftovers(office.files)
    return Janitor(office.store, office.files, leftovers, office.feed, office.now)


def stored(office: Office, job: Job) -> Job:
    return office.manage.get(LOCAL_OWNER, job.id)


def test_a_recording_goes_after_its_days_and_what_was_made_of_it_stays(office: Office) -> None:
    job = office.done()
    kept = office.files.transcript(job.id)
    expire = retention(office, 2, None)
    office.ahead = 2 * DAY - 60
    assert expire() == Expired()
    office.ahead += 120
    told: list[Job] = []
    with office.feed.listening(job.id, told.append):
        assert expire() == Expired(recordings=1)
    assert [each.has_audio for each in told] == [False]
    assert not stored(office, job).has_audio
    assert RECORDING not in bytes_under(office.data)
    assert office.files.transcript(job.id) == kept
    assert office.files.evidence(job.id) is not None
    assert office.files.peaks(job.id) is not None
    assert expire() == Expired()


def test_a_recording_that_a_dying_process_left_goes_with_the_next_look(office: Office) -> None:
    job = office.done()
    office.store.audio_gone(job.id)
    office.ahead += DAY
    assert retention(office, 0.5, None)() == Expired(recordings=1)
    assert not office.files.source(job.id).exists()


def test_after_its_days_nothing_of_a_job_is_found_anywhere(tmp_path: Path) -> None:
    with Office(tmp_path / "data", speaking(CANARY), is_working=True) as office:
        job = office.take_in(f"{CANARY}.wav", CANARY.encode() * 1000)
        office.wait(job.id)
        office.transcriber.says = "word"
        other = office.take_in("other.wav")
        office.wait(other.id)
        assert office.manage.find(LOCAL_OWNER, JobFilter(text=CANARY))
        assert CANARY.encode() in bytes_under(office.data)
        office.backdate(job, 3 * DAY)
        assert retention(office, None, 2.5)() == Expired(jobs=1)
        assert CANARY.encode() not in bytes_under(office.data)
        assert office.manage.find(LOCAL_OWNER, JobFilter(text=CANARY)) == []
        with pytest.raises(JobNotFound):
            stored(office, job)
        assert office.files.transcript(other.id) is not None
    assert CANARY.encode() not in bytes_under(tmp_path)


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING])
def test_what_waits_or_runs_is_never_removed(office: Office, status: JobStatus) -> None:
    job = office.take_in()
    if status is JobStatus.RUNNING:
        office.store.change(job.id, status, office.now())
    office.ahead += 1000 * DAY
    assert retention(office, 0, 0)() == Expired()
    assert stored(office, job).status is status
    assert office.files.source(job.id).read_bytes() == RECORDING


def test_a_job_that_is_tried_again_at_that_moment_is_left_alone(office: Office) -> None:
    job = office.take_in()
    office.manage.cancel(LOCAL_OWNER, job.id)
    office.ahead += DAY
    expire = retention(office, None, 0.5)
    (due,) = expire._due()
    office.manage.retry(LOCAL_OWNER, job.id)
    assert due[1](due[0]) is False
    assert stored(office, job).status is JobStatus.QUEUED
    assert office.files.source(job.id).exists()


def test_a_failed_job_without_its_recording_cannot_be_tried_again(office: Office) -> None:
    job = office.take_in()
    (office.files.folder(job.id) / "audio.s16").write_bytes(b"the recording, decoded")
    office.manage.cancel(LOCAL_OWNER, job.id)
    office.ahead += DAY
    assert retention(office, 0.5, None)() == Expired(recordings=1)
    assert list(office.files.folder(job.id).iterdir()) == []
    with pytest.raises(NothingKept, match="audio"):
        office.manage.retry(LOCAL_OWNER, job.id)
    assert office.store.retry(job.id) is None


def test_one_job_that_cannot_be_removed_does_not_keep_the_others(office: Office) -> None:
    bad, good = office.done(), office.done()
    office.ahead += DAY

    def delete(owner: str, job_id: str) -> None:
        if job_id == bad.id:
            raise QuothError("the disk says no")
        office.manage.delete(owner, job_id)

    expire = Retention(
        office.store, office.files, office.feed, delete, Keeping(None, 0), office.now
    )
    assert expire() == Expired(jobs=1, failed=1)
    assert office.store.ids() == {bad.id}
    assert good.id not in office.files.ids()


def test_nothing_goes_unless_that_was_asked_for(office: Office) -> None:
    office.done()
    office.ahead += 100_000 * DAY
    assert retention(office, None, None)() == Expired()


def age(folder: Path, moment: float) -> None:
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (moment, moment))


def test_an_old_folder_without_a_row_goes_and_one_being_taken_in_stays(office: Office) -> None:
    job = office.done()
    old, fresh, receiving = ("a" * 32, "b" * 32, "c" * 32)
    for job_id in (old, fresh, receiving):
        office.files.source(job_id).parent.mkdir()
        office.files.source(job_id).write_bytes(RECORDING)
        office.files.disown(job_id)
    for job_id in (old, receiving, job.id):
        age(office.files.folder(job_id), office.now() - ORPHANED_SECONDS - 1)
    os.utime(office.files.source(receiving), (office.now(), office.now()))
    assert janitor(office)() == Tidied(orphans=1)
    assert set(office.files.ids()) == {fresh, receiving, job.id}


def test_unfinished_files_go_a_day_after_their_last_byte(office: Office) -> None:
    job = office.done()
    folder = office.files.folder(job.id)
    for name, seconds in ((".words.json.1.part", ABANDONED_SECONDS + 1), (".source.2.part", 60)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (office.now() - seconds, office.now() - seconds))
    assert janitor(office)() == Tidied(parts=1)
    assert [path.name for path in folder.glob(".*")] == [".source.2.part"]
    assert office.files.transcript(job.id) is not None


def test_a_job_whose_transcript_vanished_says_so_and_can_be_tried_again(office: Office) -> None:
    lost, whole = office.done(), office.done()
    (office.files.folder(lost.id) / "transcript.json").unlink()
    assert janitor(office)() == Tidied(transcripts=1)
    found = stored(office, lost)
    assert found.status is JobStatus.FAILED
    assert found.failure is not None
    assert found.failure.code == "transcript_lost"
    assert stored(office, whole).status is JobStatus.COMPLETED
    assert janitor(office)() == Tidied()
    again = office.manage.retry(LOCAL_OWNER, lost.id)
    office.do(again)
    assert stored(office, lost).status is JobStatus.COMPLETED
    assert office.files.transcript(lost.id) == office.files.transcript(whole.id)


def test_a_job_whose_folder_vanished_has_no_recording_either(office: Office) -> None:
    lost, _whole = office.done(), office.done()
    office.files.remove(lost.id)
    assert janitor(office)() == Tidied(transcripts=1, recordings=1)
    with pytest.raises(NothingKept, match="audio"):
        office.manage.retry(LOCAL_OWNER, lost.id)


def test_a_disk_that_is_not_mounted_is_not_taken_for_lost_transcripts(office: Office) -> None:
    job = office.done()
    (office.data / "jobs").rename(office.data / "elsewhere")
    assert janitor(office)() == Tidied()
    (office.data / "elsewhere").rename(office.data / "jobs")
    assert stored(office, job).status is JobStatus.COMPLETED
