"""How much waits, how fast it goes, and who is told of it."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from quoth.adapters.memory.decoding import FakeDecoder
from quoth.bootstrap.jobs import build_jobs
from quoth.config import Settings
from quoth.domain.job_errors import QueueFull
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.manage_jobs import NewRecording
from quoth.use_cases.throughput import Throughput
from quoth.use_cases.transcribe import TranscribeRecording
from tests.job_rows import NOW, a_job
from tests.jobs import SOUND, Hands, Office, idle_queues, speaking


def recording(path: Path) -> NewRecording:
    path.write_bytes(b"the bytes")

    def bring(target: Path) -> None:
        path.replace(target)

    return NewRecording("a.wav", bring, path=path)


@dataclass(frozen=True, slots=True, eq=False)
class LyingDecoder(FakeDecoder):
    """A decoder of files whose headers are not true."""

    def stated_duration(self, source: Path) -> float | None:  # noqa: ARG002 - the port's signature
        return 9e12


class GullibleHands(Hands):
    def transcribe(self, model: str | None) -> TranscribeRecording:
        return replace(Hands.transcribe(self, model), decoder=LyingDecoder(SOUND))


def test_a_file_that_claims_to_last_for_ages_takes_no_more_of_the_queue_than_the_longest(
    tmp_path: Path,
) -> None:
    service = build_jobs(
        Settings(quoth_data=tmp_path / "data", max_audio_seconds=3600),
        GullibleHands(speaking("word")),
        idle_queues,
    )
    job = service.jobs.manage.create(
        LOCAL_OWNER,
        JobOptions(),
        recording(tmp_path / "a.wav"),
    )
    assert job.seconds <= 12 * 3600
    service.close()


def test_who_waits_for_room_for_a_very_long_recording_is_not_told_its_own_length(
    tmp_path: Path,
) -> None:
    with Office(tmp_path / "data", speaking("word")) as office:
        office.take_in()
        backlog = replace(office.manage.backlog, most_seconds=10.0, speed=lambda: 1.0)
        backlog = replace(backlog, stated_duration=lambda _: 36_000.0)
        manage = replace(office.manage, backlog=backlog)
        with pytest.raises(QueueFull) as caught:
            manage.create(LOCAL_OWNER, JobOptions(), recording(tmp_path / "long.wav"))
        assert caught.value.retry_after == 20  # what waits is 20 s long, and then it is taken


def ended(job: Job, seconds: float) -> Job:
    return replace(job, status=JobStatus.COMPLETED, started=NOW, finished=NOW + seconds)


def test_a_retry_that_found_its_work_done_does_not_make_the_machine_look_fast() -> None:
    feed = JobFeed()
    throughput = Throughput(feed)
    feed.publish(ended(a_job(seconds=100.0), 10.0))
    assert throughput.speed() == pytest.approx(10.0)
    feed.publish(ended(a_job(seconds=3600.0, attempt=2), 0.1))
    assert throughput.speed() == pytest.approx(10.0)


def test_a_listener_that_fails_fails_no_job(caplog: pytest.LogCaptureFixture) -> None:
    feed, told = JobFeed(), list[Job]()

    def fail(_job: Job) -> None:
        raise RuntimeError("Event loop is closed")

    job = a_job()
    with feed.listening(job.id, fail), feed.listening(job.id, told.append):
        feed.publish(job)
    assert told == [job]
    assert job.id in caplog.text
