"""Telling whoever listens that a job changed: completion is signalled, not polled for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from quoth.domain.jobs import Job
from quoth.ports.jobs import Listener

log = logging.getLogger(__name__)

EVERY_JOB = "*"


class JobFeed:
    """Listeners by job; used from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: dict[str, set[Listener]] = {}

    @contextmanager
    def listening(self, job_id: str, listener: Listener) -> Iterator[None]:
        """Call a listener for each change of a job, or of `EVERY_JOB`."""
        with self._lock:
            self._listeners.setdefault(job_id, set()).add(listener)
        try:
            yield
        finally:
            with self._lock:
                there = self._listeners[job_id]
                there.discard(listener)
                if not there:
                    del self._listeners[job_id]

    def always(self, listener: Listener) -> None:
        """Call a listener for each change of every job from now on."""
        with self._lock:
            self._listeners.setdefault(EVERY_JOB, set()).add(listener)

    def publish(self, job: Job) -> None:
        """Tell of a job that changed."""
        with self._lock:
            told = [
                *self._listeners.get(job.id, ()),
                *self._listeners.get(EVERY_JOB, ()),
            ]
        for listener in told:
            try:
                listener(job)
            except Exception:  # whoever cannot listen is no reason for a job to fail
                log.exception("told of job %s in vain", job.id)
