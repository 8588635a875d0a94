"""Jobs that are cancelled, tried again and deleted at the worst moment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from quoth.adapters.memory.engines import FakeDiarizer
from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.adapters.storage.leftovers import FolderLeftovers
from quoth.domain.diarization import SpeakerHints
from quoth.domain.errors import Cancelled
from quoth.domain.job_errors import JobNotFound
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobProgress, JobStatus
from quoth.domain.progress import Stage
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import StepResult
from quoth.ports.language_detector import LanguageGuess
from quoth.use_cases.janitor import Janitor
from quoth.use_cases.job_runs import JobRun
from quoth.use_cases.manage_jobs import NewRecording
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.rediarize_job import RediarizeJob
from tests.jobs import DirectSteps, IdleQueue, Office, bytes_under, speaking

CANARY = "zanzibarcanary"


class Interrupting(DirectSteps):
    """Does something in the middle of an attempt, before or after a step."""

    def __init__(
        self,
        before: tuple[str, Callable[[], object]] | None = None,
        after: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        self._before, self._after = before, after

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:
        if self._before and self._before[0] == name:
            self._before[1]()
        result = work()
        if self._after and self._after[0] == name:
            self._after[1]()
        return result


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path / "data", speaking(CANARY)) as office:
        yield office


def run(office: Office, job: Job, steps: DirectSteps) -> None:
    queue = office.queue
    assert isinstance(queue, IdleQueue)
    queue.run(job.id, job.attempt, steps)


def now(office: Office, job: Job) -> Job:
    return office.manage.get(LOCAL_OWNER, job.id)


def test_an_attempt_that_ends_after_the_next_was_queued_does_not_end_that_one(
    office: Office,
) -> None:
    job = office.take_in()

    def cancel_and_try_again() -> None:
        office.manage.cancel(LOCAL_OWNER, job.id)
        office.manage.retry(LOCAL_OWNER, job.id)
        office.store.change(job.id, JobStatus.RUNNING, office.now())

    run(office, job, Interrupting(after=("merge", cancel_and_try_again)))
    assert (now(office, job).status, now(office, job).attempt) == (JobStatus.RUNNING, 2)


def test_a_job_cancelled_the_moment_it_begins_does_no_step(office: Office) -> None:
    job = office.take_in()

    def cancel_at_once(changed: Job) -> None:
        if changed.status is JobStatus.RUNNING:
            office.manage.cancel(LOCAL_OWNER, job.id)

    with office.feed.listening(job.id, cancel_at_once), pytest.raises(Cancelled):
        run(office, job, DirectSteps())
    assert now(office, job).status is JobStatus.CANCELLED
    assert not office.files.decoded_path(job.id).exists()


def test_two_attempts_at_one_job_never_work_in_its_folder_at_once(tmp_path: Path) -> None:
    with Office(tmp_path / "data", speaking("word", goes_on=False)) as office:
        first = office.take_in()

        def attempt() -> None:
            with pytest.raises(Cancelled):
                run(office, first, DirectSteps())

        old = threading.Thread(target=attempt)
        old.start()
        assert office.transcriber.is_asked.wait(10)
        office.manage.cancel(LOCAL_OWNER, first.id)
        again = office.manage.retry(LOCAL_OWNER, first.id)
        new = threading.Thread(target=run, args=(office, again, DirectSteps()))
        new.start()
        new.join(0.3)
        assert now(office, first).status is JobStatus.QUEUED
        office.transcriber.may_go_on.set()
        old.join(10)
        new.join(10)
        assert now(office, first).status is JobStatus.COMPLETED


def test_a_job_that_ends_while_a_start_looks_for_lost_ones_is_not_lost(office: Office) -> None:
    job = office.take_in()

    class OverInTheMeantime(IdleQueue):
        def is_over(self, job: Job) -> bool:
            self.run(job.id, job.attempt, DirectSteps())
            return True

    assert isinstance(office.queue, IdleQueue)
    queue = OverInTheMeantime(office.queue.run)
    office.caring_for(queue).recover()
    assert now(office, job).status is JobStatus.COMPLETED


def test_nothing_is_left_of_a_job_deleted_under_an_attempt_too_slow_to_stop(
    office: Office,
) -> None:
    job = office.take_in()

    def delete_when_tired_of_waiting() -> None:
        office.store.delete(job.id)
        office.files.remove(job.id)

    run(office, job, Interrupting(before=("merge", delete_when_tired_of_waiting)))
    assert job.id not in office.files.ids()
    assert CANARY.encode() not in bytes_under(office.data)


def cancelled_after(office: Office, step: str) -> Job:
    job = office.take_in()
    cancel = (step, lambda: office.manage.cancel(LOCAL_OWNER, job.id))
    with suppress(Cancelled):
        run(office, job, Interrupting(after=cancel))
    assert now(office, job).status is JobStatus.CANCELLED
    return job


def test_a_retry_does_not_decode_again_what_was_decoded(office: Office) -> None:
    job = cancelled_after(office, "decode")
    office.files.source(job.id).write_bytes(b"")  # whoever decodes this fails
    office.do(office.manage.retry(LOCAL_OWNER, job.id))
    assert now(office, job).status is JobStatus.COMPLETED


def test_a_retry_puts_words_and_speakers_together_anew(office: Office) -> None:
    job = cancelled_after(office, "merge")
    whole = office.files.transcript(job.id)
    assert whole is not None
    office.files.keep_transcript(job.id, replace(whole, segments=()))
    office.do(office.manage.retry(LOCAL_OWNER, job.id))
    assert office.files.transcript(job.id) == whole


def test_nobody_listens_for_speakers_of_a_language_that_is_refused(office: Office) -> None:
    office.transcriber.guess = LanguageGuess("fr", 0.9)
    job = office.take_in()
    office.do(job)
    failed = now(office, job)
    assert failed.failure is not None
    assert "'fr'" in failed.failure.message
    assert office.files.evidence(job.id) is None


def test_progress_does_not_fall_back_when_an_attempt_is_taken_up_again(office: Office) -> None:
    job = office.take_in()
    office.store.change(job.id, JobStatus.RUNNING, office.now())
    before = office.store.advance(job, JobProgress(Stage.TRANSCRIBE, 0.6, 10.0))
    assert before is not None
    again = JobRun(before, office.store, office.feed, iter(range(100)).__next__)
    again.board.advance(Stage.DECODE, 1.0)
    assert now(office, job).progress.stage is Stage.DECODE
    assert now(office, job).progress.fraction == 0.6
    again.board.advance(Stage.TRANSCRIBE, 1.0)
    again.board.advance(Stage.DIARIZE, 0.9)
    assert now(office, job).progress.fraction > 0.9


def test_an_empty_database_is_no_reason_to_remove_what_another_one_knows(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    job = office.done()
    office.store.delete(job.id)  # as if DATABASE_URL had been set to another
    office.ahead = 1e6
    office.care.recover()
    tidy = Janitor(
        office.store, office.files, FolderLeftovers(office.files), office.feed, office.now
    )
    assert tidy().orphans == 0
    assert office.files.transcript(job.id) is not None
    assert "DATABASE_URL" in caplog.text


@pytest.mark.parametrize("method", ["own", "remove"])
def test_a_start_removes_what_a_crash_left_of_taking_in_and_deleting(
    office: Office, method: str
) -> None:
    class Killed(BaseException):
        pass

    class Dying(FolderJobFiles):
        """Folders of a process that dies when it calls a method."""

        def __getattribute__(self, name: str) -> Any:
            if name == method:
                raise Killed
            return super().__getattribute__(name)

    real = office.files
    dying = replace(office.manage, files=Dying(real.root, real.codec, real.read_samples))
    whole = office.done()
    if method == "own":
        with pytest.raises(Killed):
            dying.create(LOCAL_OWNER, JobOptions(), NewRecording("b.wav", _bring))
        office.care.recover()
        assert set(real.ids()) == office.store.ids()
        assert len(office.store.ids()) == 2
        assert not any(map(real.is_disowned, real.ids()))
        return
    with pytest.raises(Killed):
        dying.delete(LOCAL_OWNER, whole.id)
    assert real.ids() == [whole.id]
    office.care.recover()
    assert real.ids() == []
    assert CANARY.encode() not in bytes_under(office.data)


def _bring(path: Path) -> None:
    path.write_bytes(b"b")


def test_telling_speakers_apart_anew_brings_no_deleted_job_back(office: Office) -> None:
    job = office.done()

    @dataclass(frozen=True, slots=True)
    class Slow(Rediarize):
        def __call__(self, *args: Any, **options: Any) -> Transcript:
            found = Rediarize.__call__(self, *args, **options)
            office.manage.delete(LOCAL_OWNER, job.id)
            return found

    slow = RediarizeJob(office.manage, lambda: Slow(FakeDiarizer()))
    with pytest.raises(JobNotFound):
        slow(job, SpeakerHints(exact=2))
    assert job.id not in office.files.ids()


def test_a_job_whose_end_could_not_be_written_down_does_not_run_for_ever(office: Office) -> None:
    job = office.take_in()
    assert isinstance(office.queue, IdleQueue)

    class NothingLeft(IdleQueue):
        def is_over(self, job: Job) -> bool:  # noqa: ARG002 - the port's signature
            return True

    office.store.change(job.id, JobStatus.RUNNING, office.now())
    office.caring_for(NothingLeft(office.queue.run))()
    lost = now(office, job)
    assert (lost.status, lost.failure and lost.failure.code) == (JobStatus.FAILED, "lost")
    office.do(office.manage.retry(LOCAL_OWNER, job.id))
    assert now(office, job).status is JobStatus.COMPLETED


def test_a_job_that_could_not_be_queued_is_queued_with_the_next_look(office: Office) -> None:
    class Broken(IdleQueue):
        def enqueue(self, job: Job) -> None:  # noqa: ARG002 - the port's signature
            raise ConnectionError("the queue's tables are away")

    assert isinstance(office.queue, IdleQueue)
    broken = office.with_queue(Broken(office.queue.run))
    with pytest.raises(ConnectionError):
        broken.create(LOCAL_OWNER, JobOptions(), NewRecording("b.wav", _bring), "once")
    (job,) = office.store.by_status({JobStatus.QUEUED})
    office.care()
    assert office.queue.queued == [job.run]
    office.queue.forget(job)
    digested = NewRecording("b.wav", _bring)
    assert office.manage.create(LOCAL_OWNER, JobOptions(), digested, "once").id == job.id
    assert office.queue.queued == [job.run]
