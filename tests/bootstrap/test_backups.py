"""Backups of jobs at work, and what becomes of them after a loss."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from threading import Thread

import pytest

from quoth.adapters.storage.data_folder import databases
from quoth.adapters.storage.sqlite_copies import copy_database
from quoth.bootstrap.backups import back_up, restore
from quoth.config import Settings
from quoth.domain.backup_errors import BackupFailed
from quoth.domain.job_errors import DataInUse
from quoth.domain.jobs import LOCAL_OWNER, Job, JobStatus
from quoth.ports.jobs import JobFilter
from tests.jobs import RECORDING, Office, speaking

ALL = JobFilter(limit=1000)


def rows(office: Office) -> Mapping[str, Job]:
    return {job.id: job for job in office.manage.find(LOCAL_OWNER, ALL)}


def transcript(data: Path, job: Job) -> bytes:
    return (data / "jobs" / job.id / "transcript.json").read_bytes()


def test_after_a_loss_finished_jobs_are_as_they_were_and_the_others_are_finished(
    tmp_path: Path,
) -> None:
    settings = Settings(quoth_data=tmp_path / "data")
    transcriber = speaking("before")
    with Office(settings.quoth_data, transcriber, is_working=True) as office:
        done = [office.take_in(f"{number}.wav") for number in range(2)]
        for job in done:
            office.wait(job.id)
        failed = office.take_in("empty.wav", b"")
        office.wait(failed.id)
        kept = {job.id: transcript(settings.quoth_data, job) for job in done}
        edits = settings.quoth_data / "jobs" / done[0].id / "edits.jsonl"
        edits.write_bytes(b'{"kind": "undo"}\n')
        transcriber.may_go_on.clear()
        transcriber.is_asked.clear()
        running = office.take_in("running.wav")
        assert transcriber.is_asked.wait(30)
        waiting = [office.take_in(f"waiting-{number}.wav") for number in range(3)]
        back_up(settings, tmp_path / "backup.tar")
        before = rows(office)
        assert before[running.id].status is JobStatus.RUNNING
        assert before[waiting[-1].id].status is JobStatus.QUEUED
        with pytest.raises(DataInUse, match="Stop it"):
            restore(settings, tmp_path / "backup.tar", replaces=True)
        transcriber.may_go_on.set()
        for job in waiting:
            office.wait(job.id)
    shutil.rmtree(settings.quoth_data)
    restore(settings, tmp_path / "backup.tar")
    assert edits.read_bytes() == b'{"kind": "undo"}\n'
    assert {job.id: transcript(settings.quoth_data, job) for job in done} == kept
    with Office(settings.quoth_data, speaking("after"), is_working=True) as office:
        for job in (running, *waiting):
            assert office.wait(job.id).status is JobStatus.COMPLETED
            assert b"afterword0" in transcript(settings.quoth_data, job)
        after = rows(office)
        assert after.keys() == before.keys()
        for job in (*done, failed):
            assert after[job.id] == before[job.id]
        assert {job.id: transcript(settings.quoth_data, job) for job in done} == kept
        found = office.manage.find(LOCAL_OWNER, JobFilter(text="beforeword1"))
        assert {job.id for job in found} == {job.id for job in done}


def test_the_rows_are_copied_after_the_queue(tmp_path: Path) -> None:
    for name in ("jobs.sqlite", "queue.sqlite", "a.sqlite", "z.sqlite"):
        (tmp_path / name).touch()
    assert databases(tmp_path)[-1] == "jobs.sqlite"


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        ("queue.sqlite", "jobs.sqlite", JobStatus.COMPLETED),
        ("jobs.sqlite", "queue.sqlite", JobStatus.FAILED),  # why it is not done so
    ],
)
def test_a_job_that_ends_between_the_copies_is_whole_only_if_its_row_is_copied_last(
    tmp_path: Path, first: str, then: str, status: JobStatus
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    copy.mkdir()
    transcriber = speaking("", goes_on=False)
    with Office(data, transcriber, is_working=True) as office:
        job = office.take_in()
        assert transcriber.is_asked.wait(30)
        copy_database(data / first, copy / first)
        transcriber.may_go_on.set()
        office.wait(job.id)
    copy_database(data / then, copy / then)
    shutil.copytree(data / "jobs", copy / "jobs")
    with Office(copy, speaking(""), is_working=True) as office:
        assert office.wait(job.id).status is status


@pytest.mark.slow
def test_a_backup_at_any_moment_holds_whole_jobs_and_loses_none(tmp_path: Path) -> None:
    settings = Settings(quoth_data=tmp_path / "data")
    backups = [tmp_path / f"{number}.tar" for number in range(6)]
    with Office(settings.quoth_data, speaking(""), is_working=True) as office:
        taken: list[Job] = []
        intake = Thread(target=lambda: taken.extend(office.take_in() for _ in range(60)))
        intake.start()
        known = []
        for backup in backups:
            known.append(set(rows(office)))
            back_up(settings, backup)
        intake.join()
        for job in taken:
            office.wait(job.id)
    for backup, there in zip(backups, known, strict=True):
        data = tmp_path / f"from-{backup.stem}"
        restore(Settings(quoth_data=data), backup)
        with Office(data, speaking(""), is_working=True) as office:
            found = rows(office)
            assert there <= found.keys()
            for job_id in found:
                job = office.wait(job_id)
                assert job.status is JobStatus.COMPLETED, job
                assert office.files.transcript(job_id) is not None
                assert office.files.source(job_id).read_bytes() == RECORDING
            assert set(office.files.ids()) == found.keys()


def test_a_server_that_starts_undoes_a_restore_that_was_cut_short(tmp_path: Path) -> None:
    with Office(tmp_path, speaking("")) as office:
        job = office.done()
    (tmp_path / ".restoring-1").mkdir()
    (tmp_path / "before-restore-1").mkdir()
    (tmp_path / "jobs").rename(tmp_path / "before-restore-1/jobs")
    plan = {"staged": ".restoring-1", "aside": "before-restore-1", "new": []}
    (tmp_path / ".restoring.json").write_text(json.dumps(plan))
    with Office(tmp_path, speaking("")) as office:
        assert office.files.transcript(job.id) is not None
    assert not [*tmp_path.glob(".restoring*"), *tmp_path.glob("before-restore*")]


def test_a_backup_into_the_data_folder_is_refused(tmp_path: Path) -> None:
    settings = Settings(quoth_data=tmp_path)
    with pytest.raises(BackupFailed, match="another disk"):
        back_up(settings, tmp_path / "deep/../backup.tar")
