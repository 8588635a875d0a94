"""What is counted of jobs, and how often."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from quoth.adapters.memory.jobs import PlainSteps
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.telemetry.jobs import JobMeter

QUEUED = Job(
    id="0" * 32,
    owner=LOCAL_OWNER,
    name="secret.wav",
    status=JobStatus.QUEUED,
    options=JobOptions(),
    created=100.0,
    seconds=60.0,
    size_bytes=1,
    queue="short",
    priority=1,
)
RUNNING = replace(QUEUED, status=JobStatus.RUNNING, started=103.0)
COMPLETED = replace(RUNNING, status=JobStatus.COMPLETED, finished=105.0)


class Meter:
    """A `JobMeter` and what it has told so far."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.meter = JobMeter(self._registry)

    def hears(self, *jobs: Job) -> None:
        for job in jobs:
            self.meter.heard(job)

    def told(self, name: str, **labels: str) -> float | None:
        return self._registry.get_sample_value(name, labels)


def test_a_completed_job_counts_with_its_audio_its_time_and_its_speed() -> None:
    meter = Meter()
    meter.hears(QUEUED, RUNNING, COMPLETED)
    assert meter.told("quoth_jobs_ended_total", status="completed") == 1
    assert meter.told("quoth_jobs_audio_seconds_total") == 60
    assert meter.told("quoth_job_seconds_sum") == 2
    assert meter.told("quoth_job_wait_seconds_sum") == 3
    assert meter.told("quoth_job_rtfx_sum") == 30


def test_a_job_that_is_renamed_after_its_end_counts_once() -> None:
    meter = Meter()
    meter.hears(QUEUED, RUNNING, COMPLETED, replace(COMPLETED, name="b"), COMPLETED)
    assert meter.told("quoth_jobs_ended_total", status="completed") == 1


def test_each_attempt_counts_by_how_it_ended() -> None:
    meter = Meter()
    failed = replace(COMPLETED, status=JobStatus.FAILED)
    again = replace(QUEUED, attempt=2)
    meter.hears(QUEUED, RUNNING, failed, again, replace(COMPLETED, attempt=2))
    assert meter.told("quoth_jobs_ended_total", status="failed") == 1
    assert meter.told("quoth_jobs_ended_total", status="completed") == 1
    assert meter.told("quoth_job_wait_seconds_count") == 0


def test_every_ending_there_can_be_is_told_from_the_start() -> None:
    meter = Meter()
    for status in ("completed", "failed", "cancelled"):
        assert meter.told("quoth_jobs_ended_total", status=status) == 0


def test_steps_are_timed_even_if_they_raise() -> None:
    meter, steps = Meter(), PlainSteps()

    def fail() -> dict[str, str]:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - the one raised above
        meter.meter.timed(steps).step("decode", fail)
    meter.meter.timed(steps).both(("transcribe", dict), ("diarize", dict))
    for step in ("decode", "transcribe", "diarize"):
        assert meter.told("quoth_job_step_seconds_count", step=step) == 1


class DoneBefore(PlainSteps):
    """Steps that are all in the books."""

    def step(self, name: str, work: object) -> dict[str, str]:  # noqa: ARG002 - as its base
        return {}


def test_a_step_that_was_done_before_is_not_timed() -> None:
    meter = Meter()
    meter.meter.timed(DoneBefore()).step("decode", dict)
    assert meter.told("quoth_job_step_seconds_count", step="decode") == 0
