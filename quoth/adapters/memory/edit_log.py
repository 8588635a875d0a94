"""Edit logs that are gone when the process ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from quoth.domain.edit_errors import StaleVersion, TranscriptGone
from quoth.domain.edits import Entry
from quoth.ports.edit_log import KeptLog


@dataclass(frozen=True, slots=True)
class FakeEditLogs:
    """`EditLogs` in memory, for the jobs it is made with."""

    jobs: dict[str, list[Entry]]
    _lock: Lock = field(default_factory=Lock)

    def read(self, job: str) -> KeptLog:
        """Return the log of a job; its version is its length."""
        entries = tuple(self.jobs.get(job, ()))
        return KeptLog(entries, str(len(entries)))

    def append(self, job: str, entries: Sequence[Entry], version: str) -> str:
        """Add entries to a log that is still at this version."""
        with self._lock:
            if job not in self.jobs:
                raise TranscriptGone
            if version != self.read(job).version:
                raise StaleVersion
            self.jobs[job].extend(entries)
            return self.read(job).version
