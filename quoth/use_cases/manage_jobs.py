"""What an owner does with jobs: create, look at, cancel, try again, delete."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quoth.domain.fairness import lane_of, next_turn
from quoth.domain.job_errors import JobNotFound, NothingKept, WrongJobState
from quoth.domain.jobs import Job, JobOptions, JobStatus
from quoth.domain.references import Clip, Reference
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import JobFiles, JobFilter, JobQueue, JobStore
from quoth.ports.webhooks import Notifier
from quoth.use_cases.backlog import Backlog
from quoth.use_cases.job_feed import JobFeed
from quoth.use_cases.job_runs import JobRuns
from quoth.use_cases.quotas import KeyQuotas


@dataclass(frozen=True, slots=True)
class NewRecording:
    """A recording that comes in.

    Args:
        name: what it was called; only to be shown.
        bring: puts the file at a path.
        digest: tells it from others, for requests that are made twice; None where nobody knows.
        path: where it lies meanwhile; None where nobody knows before it is brought.
        done: called when nothing can lose it any more.
        is_admitted: whether it was counted and let in while it came in: it is taken however much
            waits.
    """

    name: str
    bring: Callable[[Path], None]
    digest: str | None = None
    path: Path | None = None
    done: Callable[[], None] = lambda: None
    is_admitted: bool = False


@dataclass(frozen=True, slots=True)
class ManageJobs:
    """Jobs of owners.

    Args:
        store: the rows.
        queue: does the jobs.
        files: the folders.
        runs: the attempts in this process.
        feed: is told of changes.
        backlog: how much may wait.
        now: seconds since the epoch.
        notifier: is told of jobs that ended.
        quotas: how much each key may use.
    """

    store: JobStore
    queue: JobQueue
    files: JobFiles
    runs: JobRuns
    feed: JobFeed
    backlog: Backlog
    now: Callable[[], float]
    notifier: Notifier
    quotas: KeyQuotas

    def create(
        self,
        owner: str,
        options: JobOptions,
        recording: NewRecording,
        key: str | None = None,
        known: Sequence[Reference] = (),
    ) -> Job:
        """Take a recording in: when this returns nothing can lose it.

        Args:
            owner: whose it is.
            options: how it is transcribed.
            recording: what comes in.
            key: tells a request that is made again; one that was used before gives the job of then.
            known: people to look for among the speakers.

        Raises:
            IdempotencyConflict: if it was used for something else.
            InvalidParameter: if nobody can be told at the webhook's URL.
            QueueFull: if too much waits.
            QuotaExceeded: if it is more than the owner's key may use.
            OutOfDisk: if there is no room.
        """
        options = replace(options, known=tuple(each.name for each in known))
        fingerprint = _fingerprint(options, recording, known)
        if key is not None and (first := self.store.by_key(owner, key, fingerprint)):
            if first.status is JobStatus.QUEUED:
                self.queue.enqueue(first)  # the first request may have failed before it did
            return first
        if options.webhook_url is not None:
            self.notifier.check(options.webhook_url)
        if not recording.is_admitted:
            self.quotas.check(owner)
        job_id = uuid.uuid4().hex
        measure = self.backlog.seconds_of if recording.is_admitted else self.backlog.room_for
        seconds = None if recording.path is None else measure(recording.path)
        with self.files.adding(job_id) as path:
            recording.bring(path)
            size = path.stat().st_size
            seconds = seconds or measure(path)
            if not recording.is_admitted:
                self.quotas.charge(owner, seconds, size)
            if known:
                self.files.keep_references(job_id, known)
        lane = lane_of(seconds)
        turn = next_turn(seconds, *self.store.turn_state(owner, lane))
        job = Job(
            id=job_id,
            owner=owner,
            name=recording.name,
            status=JobStatus.QUEUED,
            options=options,
            created=self.now(),
            seconds=seconds,
            size_bytes=size,
            queue=turn.lane,
            priority=turn.priority,
        )
        written = self._write(job, key, fingerprint)
        if written.id == job.id:
            self.feed.publish(job)  # before anybody can tell more of it
            self.queue.enqueue(job)
        recording.done()
        return written

    def charge(self, owner: str, recording: Path) -> None:
        """Count a recording that becomes no job, where its owner's are counted.

        Raises:
            QuotaExceeded: if it is more than the owner's key may use.
        """
        if self.quotas.is_counted(owner):
            self.quotas.charge(owner, self.backlog.seconds_of(recording), recording.stat().st_size)

    def admit(self, owner: str) -> None:
        """Check that a recording may begin to come in that becomes a job when it ends.

        Raises:
            QuotaExceeded: if the owner's key may begin no other job.
            QueueFull: if too much waits.
        """
        self.quotas.check(owner)
        self.backlog.refuse_if_full()

    def _write(self, job: Job, key: str | None, fingerprint: str) -> Job:
        try:
            written = self.store.add(job, key, fingerprint)
        except BaseException:
            self.files.remove(job.id)
            raise
        if written.id != job.id:  # the same request came twice at once
            self.files.remove(job.id)
        else:
            self.files.own(job.id)
        return written

    def get(self, owner: str, job_id: str) -> Job:
        """Return a job.

        Raises:
            JobNotFound: if there is none, or it is somebody else's.
        """
        job = self.store.get(job_id, owner)
        if job is None:
            raise JobNotFound(job_id)
        return job

    def find(self, owner: str, wanted: JobFilter) -> Sequence[Job]:
        """Return jobs, the newest first."""
        return self.store.find(owner, wanted)

    def count(self, owner: str, wanted: JobFilter) -> int:
        """Return how many there are on all pages."""
        return self.store.count(owner, wanted)

    def position(self, job: Job) -> int | None:
        """Return the place of a job in its lane, None unless it waits."""
        return self.store.position(job) if job.status is JobStatus.QUEUED else None

    def cancel(self, owner: str, job_id: str) -> Job:
        """Stop a job; what was done so far is kept, so that a retry goes on from there.

        Raises:
            JobNotFound: if there is none.
            WrongJobState: if it is over already.
        """
        job = self.get(owner, job_id)
        changed = self.store.change(job_id, JobStatus.CANCELLED, self.now())
        if changed is None:
            raise WrongJobState(job_id, self.get(owner, job_id).status.value, "cancelled")
        self.runs.stop(job)
        self.queue.cancel(job)
        self.feed.publish(changed)
        self.notifier.job_ended(changed)
        return changed

    def retry(self, owner: str, job_id: str) -> Job:
        """Queue a failed or cancelled job once more; it goes on from what is there.

        Raises:
            JobNotFound: if there is none.
            WrongJobState: if it is neither failed nor cancelled.
            NothingKept: if the recording is gone.
        """
        job = self.get(owner, job_id)
        if not job.has_audio:
            raise NothingKept(job_id, "audio", "it was removed to save room")
        changed = self.store.retry(job_id)
        if changed is None:
            raise WrongJobState(job_id, job.status.value, "tried again")
        self.feed.publish(changed)
        self.queue.enqueue(changed)
        return changed

    def rename(self, owner: str, job_id: str, name: str) -> Job:
        """Show a job under another name.

        Raises:
            JobNotFound: if there is none.
        """
        self.get(owner, job_id)
        self.store.rename(job_id, name)
        changed = self.get(owner, job_id)
        self.feed.publish(changed)
        return changed

    def changed(self, job: Job) -> None:
        """Note, and tell, that what came of a job is not what it was."""
        self.store.touch(job.id)
        latest = self.store.get(job.id)
        if latest is not None:
            self.feed.publish(latest)

    def machine_transcript(self, job: Job) -> Transcript:
        """Return the transcript of a job, as the machine made it.

        Raises:
            NothingKept: if there is none.
        """
        transcript = self.files.transcript(job.id)
        if transcript is None:
            raise NothingKept(job.id, "transcript", f"it is {job.status.value}")
        return transcript

    def delete(self, owner: str, job_id: str) -> None:
        """Delete a job with everything that belongs to it; a running one is stopped first.

        Raises:
            JobNotFound: if there is none.
        """
        job = self.get(owner, job_id)
        changed = self.store.change(job_id, JobStatus.CANCELLED, self.now())
        self.runs.stop(job)
        if changed is not None:
            self.queue.cancel(job)
            self.feed.publish(changed)
        self.runs.wait(job)
        self.files.disown(job_id)
        self.store.delete(job_id)
        self.queue.forget(job)
        self.files.remove(job_id)


def _fingerprint(options: JobOptions, recording: NewRecording, known: Sequence[Reference]) -> str:
    content = hashlib.sha256(f"{options!r}\n{recording.digest}".encode())
    for each in known:
        content.update(Clip.of(each.waveform).pcm.tobytes())
    return content.hexdigest()
