"""Jobs that end, and how long they and their steps take."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram

from quoth.domain.jobs import Job, JobStatus
from quoth.ports.jobs import StepResult, Steps, Work

STEPS = ("decode", "transcribe", "diarize", "merge")
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400)
"""From a clip to a recording of ten hours on a processor."""
SPEEDS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
MOST_OPEN = 100_000
"""Jobs whose end is waited for; those beyond are ended by other processes, or never."""


class JobMeter:
    """Listens to jobs, and times their steps.

    An ended job is told of again when it is renamed or edited: only an end that was waited for
    counts, and each once.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lock = Lock()
        self._open: OrderedDict[str, None] = OrderedDict()
        self._ended = Counter(
            "quoth_jobs_ended", "Attempts at jobs that ended.", ["status"], registry=registry
        )
        for status in JobStatus:
            if status.is_final:
                self._ended.labels(status.value)
        self._audio = Counter(
            "quoth_jobs_audio_seconds", "Seconds of audio of completed jobs.", registry=registry
        )
        self._waited = Histogram(
            "quoth_job_wait_seconds",
            "From taking a recording in to the first work on it.",
            buckets=SECONDS,
            registry=registry,
        )
        self._worked = Histogram(
            "quoth_job_seconds",
            "From the first work on a job to its completion.",
            buckets=SECONDS,
            registry=registry,
        )
        self._speed = Histogram(
            "quoth_job_rtfx",
            "Seconds of audio in a second of work, of completed jobs.",
            buckets=SPEEDS,
            registry=registry,
        )
        self._steps = Histogram(
            "quoth_job_step_seconds",
            "Of each step of a job that was done, whatever came of it.",
            ["step"],
            buckets=SECONDS,
            registry=registry,
        )
        for step in STEPS:
            self._steps.labels(step)

    def heard(self, job: Job) -> None:
        """Take note of a job that changed."""
        with self._lock:
            if not job.status.is_final:
                self._open[job.run] = None
                if len(self._open) > MOST_OPEN:
                    self._open.popitem(last=False)
                return
            if job.run not in self._open:
                return
            del self._open[job.run]
        self._ended.labels(job.status.value).inc()
        if job.status is JobStatus.COMPLETED and job.started and job.finished:
            seconds = max(0.001, job.finished - job.started)
            self._audio.inc(job.seconds)
            self._worked.observe(seconds)
            self._speed.observe(job.seconds / seconds)
            if job.attempt == 1:  # of a later one nobody knows when it was asked for
                self._waited.observe(max(0.0, job.started - job.created))

    def timed(self, steps: Steps) -> "TimedSteps":
        """Return what does steps and times those that are really done."""
        return TimedSteps(steps, self._timed)

    def _timed(self, name: str, work: Work) -> Work:
        def do() -> StepResult:
            began = time.monotonic()
            try:
                return work()
            finally:
                step = name if name in STEPS else "other"
                self._steps.labels(step).observe(time.monotonic() - began)

        return do


class TimedSteps:
    """Does steps as others do, and times them; a step that was done before is not done again."""

    def __init__(self, steps: Steps, timed: Callable[[str, Work], Work]) -> None:
        self._steps = steps
        self._timed = timed

    def step(self, name: str, work: Work) -> StepResult:
        """Do a step."""
        return self._steps.step(name, self._timed(name, work))

    def both(
        self, first: tuple[str, Work], second: tuple[str, Work]
    ) -> tuple[StepResult, StepResult]:
        """Do two steps, side by side."""
        one, other = [(name, self._timed(name, work)) for name, work in (first, second)]
        return self._steps.both(one, other)
