"""One attempt at a job, in steps that are each done once: decode, transcribe, diarize, merge."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeAlias

from quoth.domain.errors import Cancelled, QuothError
from quoth.domain.job_errors import JobLost
from quoth.domain.jobs import Failure, Job, JobStatus
from quoth.ports.jobs import JobFiles, JobStore, StepResult, Steps, Work
from quoth.ports.webhooks import Notifier
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRun, JobRuns
from quoth.use_cases.job_work import JobWork
from quoth.use_cases.patience import patiently
from quoth.use_cases.patient_files import PatientFiles
from quoth.use_cases.suspicion import Suspicion

log = logging.getLogger(__name__)

MOST_LEASES = 25
"""How often an attempt is begun or taken over, before its job is what the processes die of. The
queue counts what one process took up again, and begins anew when another takes over."""

FailureCode: TypeAlias = Callable[[QuothError], str]


@dataclass(frozen=True, slots=True)
class RunJob:
    """Does one attempt at a job.

    Args:
        store: the rows.
        files: the folders.
        runs: the attempts in this process.
        feed: is told of changes.
        suspicion: finds jobs that kill the inference process.
        work: what the steps do.
        now: seconds since the epoch.
        code_of: names an error for programs.
        notifier: is told of jobs that ended.
        worker: this process among those that take jobs; None where it is alone.
    """

    store: JobStore
    files: JobFiles
    runs: JobRuns
    feed: JobFeed
    suspicion: Suspicion
    work: JobWork
    now: Callable[[], float]
    code_of: FailureCode
    notifier: Notifier
    worker: str | None = None

    def __call__(self, job_id: str, attempt: int, steps: Steps) -> None:
        """Bring a job to its end; one that is cancelled or deleted is left alone.

        Raises:
            Cancelled: if it was cancelled in the middle.
        """
        found = patiently(lambda: self.store.get(job_id))
        if found is None or found.attempt != attempt:
            return
        run = self.runs.begin(found)  # before it is known to run: who cancels it finds it
        try:
            if not self._take(run):
                return
            failed = self._do(run, steps)
        except Cancelled:
            raise
        except QuothError as error:
            failed = self._problem(error)
        except Exception as error:  # a bug in one job must not stop the others
            log.exception("job %s", job_id)
            failed = {"problem": f"Something went wrong: {error!r}", "code": "internal"}
        finally:
            self.runs.end(found)
            if run.may_be_deleted:
                self._leave_nothing_of_deleted(job_id)
        self._end(run.job, failed)

    def _take(self, run: JobRun) -> bool:
        """Take the job; whether it is still wanted, and this process is to do it.

        Raises:
            JobLost: if it was taken too often.
        """
        job = run.job
        taken = patiently(
            lambda: self.store.take(job.id, job.attempt, self.now(), self.worker), run.check
        )
        if taken is None:
            self._hold_if_dead(job)
            return False
        run.take(taken)
        if taken.lease > MOST_LEASES:
            raise JobLost(taken.lease - 1)
        self.feed.publish(taken)
        return True

    def _hold_if_dead(self, job: Job) -> None:
        """Go no further where this process was declared dead: it is about to end.

        To return would say that the attempt is over; so it goes to whoever lives.
        """
        latest = patiently(lambda: self.store.get(job.id))
        if self.worker is None or latest is None or latest.status.is_final:
            return
        if latest.attempt == job.attempt:
            log.error("job %s is left to others: this process was declared dead", job.run)
            Event().wait()

    def _leave_nothing_of_deleted(self, job_id: str) -> None:
        """Remove what an attempt made that was so slow to stop that its job was deleted before."""
        if patiently(lambda: self.store.get(job_id)) is None:
            PatientFiles(self.files, lambda: None).remove(job_id)

    def _end(self, job: Job, failed: StepResult | None) -> None:
        status, failure = JobStatus.COMPLETED, None
        if failed is not None:
            status = JobStatus.FAILED
            failure = Failure(failed["problem"], failed["code"])
        changed = patiently(lambda: self.store.change(job.id, status, self.now(), failure, job))
        if changed is not None:
            self.feed.publish(changed)
            self.notifier.job_ended(changed)

    def _do(self, run: JobRun, steps: Steps) -> StepResult | None:
        """Do the steps; return the one that failed the job, if any did."""
        job = run.job
        decoded = steps.step("decode", lambda: self._guarded(run, self.work.decode))
        if "problem" in decoded:
            return decoded
        words: tuple[str, Work] = (
            "transcribe",
            lambda: self._guarded(run, self.work.transcribe),
        )
        speakers: tuple[str, Work] = (
            "diarize",
            lambda: self._guarded(run, self.work.diarize),
        )
        told: StepResult = {}
        if not job.options.diarize:
            heard = steps.step(*words)
        elif self.work.use_case(job).policy.is_parallel:
            heard, told = steps.both(words, speakers)
        else:
            heard, told = steps.step(*words), steps.step(*speakers)
        if "problem" in heard:
            return heard
        problem = told.get("problem")
        merged = steps.step("merge", lambda: self._guarded(run, self.work.merge, problem))
        return merged if "problem" in merged else None

    def _guarded(
        self, run: JobRun, work: Callable[..., StepResult], *arguments: object
    ) -> StepResult:
        """Do a step; what it raises on purpose becomes its result."""
        run.check()
        try:
            return self.suspicion.run(run.job.id, lambda: work(run, *arguments), run.wait)
        except Cancelled:
            run.check()
            return {"problem": "The work was stopped before its end.", "code": "stopped"}
        except QuothError as error:
            return self._problem(error)

    def _problem(self, error: QuothError) -> StepResult:
        return {"problem": str(error), "code": self.code_of(error)}
