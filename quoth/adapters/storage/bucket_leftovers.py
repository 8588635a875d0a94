"""The `Leftovers` in a bucket, and in the scratch folder beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from quoth.adapters.storage.bucket_job_files import BucketJobFiles
from quoth.adapters.storage.job_files import ID
from quoth.adapters.storage.job_results import SOURCE, TRANSCRIPT
from quoth.adapters.storage.scratch import sweep


@dataclass(frozen=True, slots=True)
class BucketLeftovers:
    """Looks at what there is of jobs.

    Args:
        files: knows where.
    """

    files: BucketJobFiles

    def folders(self, before: float) -> Sequence[str]:
        """Return the jobs of which nothing changed since then."""
        changed: dict[str, float] = {}
        for found in self.files.bucket.list():
            job_id = found.path.split("/")[0]
            changed[job_id] = max(found.changed, changed.get(job_id, 0.0))
        return [
            job_id for job_id, when in changed.items() if when < before and ID.fullmatch(job_id)
        ]

    def is_mounted(self) -> bool:
        """Whether the bucket has any job."""
        return bool(self.files.ids())

    def has_transcript(self, job_id: str) -> bool:
        """Whether a job's transcript is there."""
        return self.files.bucket.head(f"{job_id}/{TRANSCRIPT}") is not None

    def has_source(self, job_id: str) -> bool:
        """Whether a job's recording is there."""
        return self.files.bucket.head(f"{job_id}/{SOURCE}") is not None

    def remove_parts(self, before: float) -> int:
        """Remove what lies in the scratch folder of jobs that are gone, or not worked on since.

        The bucket itself has no parts: what was not sent whole is not there.
        """
        return sweep(self.files.scratch, before, self.files.ids())
