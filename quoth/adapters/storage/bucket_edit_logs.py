"""Edit logs as objects beside the transcripts.

S3 adds to no object, so a log is written anew with what is added, on the condition that it is still
the one that was read: of two servers that add at once one is told to read again. A log is a few
hundred bytes for each edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from quoth.adapters.storage.bucket import Bucket
from quoth.adapters.storage.edit_entries import line_of
from quoth.adapters.storage.edit_lines import NAME, entries_of, version_of, whole_lines
from quoth.adapters.storage.job_results import TRANSCRIPT
from quoth.domain.edit_errors import StaleVersion, TranscriptGone
from quoth.domain.edits import Entry
from quoth.ports.edit_log import KeptLog


@dataclass(frozen=True, slots=True)
class BucketEditLogs:
    """`EditLogs` in a bucket, for jobs that have a transcript there."""

    bucket: Bucket

    def read(self, job: str) -> KeptLog:
        """Return the log of a job."""
        path = _path(job)
        lines = whole_lines(self.bucket.get(path) or b"")
        return KeptLog(tuple(entries_of(path, lines)), version_of(lines))

    def append(self, job: str, entries: Sequence[Entry], version: str) -> str:
        """Add entries to a log that is still at this version; all of them or none."""
        path = _path(job)
        self._check_is_there(job)
        found = self.bucket.get_tagged(path)
        lines = whole_lines(found[0] if found else b"")
        list(entries_of(path, lines))  # nothing is added to what cannot be read
        if version != version_of(lines):
            raise StaleVersion
        lines += map(line_of, entries)
        content = b"".join(lines)
        if found is None:
            is_kept = self.bucket.create(path, content)
        else:
            is_kept = self.bucket.replace(path, content, found[1])
        # What was sent twice because the first answer was lost is refused, and there.
        if not is_kept and self.bucket.get(path) != content:
            raise StaleVersion
        try:
            self._check_is_there(job)
        except TranscriptGone:  # it was deleted meanwhile, and this would be left of it
            self.bucket.delete([path])
            raise
        return version_of(lines)

    def _check_is_there(self, job: str) -> None:
        if self.bucket.head(f"{job}/{TRANSCRIPT}") is None:
            raise TranscriptGone


def _path(job: str) -> str:
    if job in {"", ".", ".."} or "/" in job or "\0" in job:
        raise ValueError(f"not the name of a folder: {job!r}")
    return f"{job}/{NAME}"
