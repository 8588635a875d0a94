"""Where the edits of transcripts are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from quoth.domain.edits import EditLog, Entry


@dataclass(frozen=True, slots=True)
class KeptLog:
    """A log as it was at some moment.

    Args:
        entries: in the order in which they were written.
        version: another whenever the entries are; ASCII letters and digits, fit for an ETag.
    """

    entries: EditLog
    version: str


class EditLogs(Protocol):
    """Keeps one log for each job. Logs only grow; they go when the job does."""

    def read(self, job: str) -> KeptLog:
        """Return the log of a job, an empty one where nobody has edited or the job is unknown.

        Raises:
            DamagedEditLog: if it cannot be read.
        """

    def append(self, job: str, entries: Sequence[Entry], version: str) -> str:
        """Add entries to a log that is still at this version, and return its new version.

        They are kept when this returns, whatever happens to the machine then. If it raises, the
        log is as it was, or, when the machine stops in between, has the first of them.

        Raises:
            StaleVersion: if the log has grown since.
            TranscriptGone: if there is no such job.
            DamagedEditLog: if it cannot be read.
            OutOfDisk: if there is no space for them.
        """
