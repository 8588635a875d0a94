"""Workers that die, hang and are told to stop: their jobs are gone on with, once, by others."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from quoth.bootstrap.fleet import GIVEN_UP
from quoth.domain.jobs import LOCAL_OWNER, JobStatus
from tests.fleet.company import Company, frozen
from tests.postgres import Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TAKEOVER_SECONDS = 2.0


@pytest.fixture
def company(postgres: Postgres, tmp_path: Path) -> Iterator[Company]:
    told = {"step_seconds": 1.0, "takeover_seconds": TAKEOVER_SECONDS, "drain_seconds": 0.5}
    with Company(postgres, tmp_path, told) as company:
        yield company


def test_what_a_killed_worker_had_begun_is_gone_on_with_from_its_last_finished_step(
    company: Company,
) -> None:
    for _ in range(3):
        company.start()
    company.ready(3)
    jobs = [company.take_in(seconds) for seconds in (11, 12, 13)]
    killed = company.worker_of(company.at("transcribe", jobs[0]))
    killed.kill()
    killed.wait()
    company.done(*jobs)
    assert company.begun_again() == []
    at = [each.pid for each in company.begun() if each.recording == jobs[0].name]
    assert at[0] == killed.pid != at[-1]
    assert company.job(jobs[0]).lease >= 2
    steps = [each.step for each in company.begun() if each.recording == jobs[0].name]
    assert steps.count("decode") == 1


def test_a_frozen_worker_wakes_up_to_nothing_and_ends(company: Company) -> None:
    company.start()
    company.ready(1)
    job = company.take_in(11)
    zombie = company.worker_of(company.at("transcribe", job))
    company.start()
    with frozen(zombie):
        company.done(job)
        done, transcript = company.job(job), company.files.transcript(job.id)
        files = sorted(path.name for path in company.files.folder(job.id).iterdir())
    assert zombie.wait(20) == GIVEN_UP
    assert company.job(job) == done
    assert company.files.transcript(job.id) == transcript
    assert sorted(path.name for path in company.files.folder(job.id).iterdir()) == files
    assert company.begun_again() == []


def test_a_worker_told_to_stop_hands_on_at_once_and_ends_well(company: Company) -> None:
    company.start()
    company.ready(1)
    job = company.take_in(11)
    stopped = company.worker_of(company.at("transcribe", job))
    company.start()
    company.ready(2)
    began = time.monotonic()
    assert company.stop(stopped) == 0
    assert time.monotonic() - began < 4.0
    company.done(job)
    assert company.begun_again() == []


def test_a_worker_with_time_to_drain_finishes_and_takes_nothing_more(company: Company) -> None:
    drained = company.start(drain_seconds=20.0)
    company.ready(1)
    first = company.take_in(11)
    company.at("decode", first)
    drained.send_signal(signal.SIGTERM)
    company.ready(0)
    second = company.take_in(12)
    assert drained.wait(30) == 0
    assert company.job(first).status is JobStatus.COMPLETED
    assert company.job(second).status is JobStatus.QUEUED
    company.start()
    company.done(second)


def test_a_worker_in_which_a_job_stands_still_gives_itself_up(company: Company) -> None:
    company.start(step_seconds=600.0, stall_seconds=1.5)
    company.ready(1)
    job = company.take_in(11)
    hung = company.worker_of(company.at("decode", job))
    company.start()
    assert hung.wait(20) == GIVEN_UP
    company.done(job)
    assert f"no step of job {job.id} came further" in company.log(0)


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_a_job_that_runs_elsewhere_stops_within_about_a_second(company: Company, how: str) -> None:
    company.start(step_seconds=6.0)
    company.ready(1)
    job = company.take_in(11)
    company.at("decode", job)
    heard: list[str] = []
    with company.feed.listening(job.id, lambda changed: heard.append(changed.status.value)):
        getattr(company.manage, how)(LOCAL_OWNER, job.id)
        other = company.take_in(12)
        third = company.take_in(13)
        took = company.until(lambda: company.ask(_RUNNING) == 2, 5.0)
    assert took < 2.5
    assert heard == ["cancelled"]
    assert company.job(other).status is company.job(third).status is JobStatus.RUNNING
    if how == "delete":
        time.sleep(1.0)
        assert not (company.files.root / job.id).exists()


_RUNNING = "SELECT count(*) FROM quoth_jobs WHERE status = 'running'"


def test_progress_elsewhere_is_heard_here_as_it_happens(company: Company) -> None:
    company.start()
    company.ready(1)
    heard: list[float] = []
    job = company.take_in(11)
    with company.feed.listening(job.id, lambda changed: heard.append(changed.progress.fraction)):
        company.done(job)
    assert heard[-1] == 1.0
    assert len(set(heard)) >= 4, heard
    assert heard == sorted(heard)
