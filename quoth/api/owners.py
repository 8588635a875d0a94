"""Whose jobs a request is about."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from quoth.api.gate import caller_of
from quoth.domain.access_errors import KeyRequired
from quoth.domain.jobs import Job
from quoth.domain.upload_errors import UploadNotFound
from quoth.domain.uploads import Upload
from quoth.ports.uploads import FinishedUpload, Uploads
from quoth.use_cases.manage_jobs import ManageJobs


def owner_of(request: Request) -> str:
    """Return the owner: the key that was shown, or whom a trusted network shares.

    Raises:
        KeyRequired: if nobody said who they are; the gate lets none of these so far.
    """
    owner = caller_of(request.scope).owner
    if owner is None:
        raise KeyRequired
    return owner


def own_upload(uploads: Uploads, owner: str, upload_id: str) -> Upload:
    """Return an upload as far as it has come.

    Raises:
        UploadNotFound: if there is none, it expired, or it is somebody else's.
    """
    upload = uploads.find(upload_id)
    if upload.stated.owner != owner:
        raise UploadNotFound(upload_id)
    return upload


@dataclass(frozen=True, slots=True)
class OwnUploads:
    """The finished uploads of one owner; for everybody else's there are none.

    Args:
        uploads: of all.
        owner: whose.
    """

    uploads: Uploads
    owner: str

    def finished(self, upload_id: str) -> FinishedUpload:
        """Return an upload that is whole; see the port."""
        own_upload(self.uploads, self.owner, upload_id)
        return self.uploads.finished(upload_id)

    def lend(self, upload_id: str, target: Path) -> FinishedUpload:
        """Give an upload that is whole another name; see the port."""
        own_upload(self.uploads, self.owner, upload_id)
        return self.uploads.lend(upload_id, target)

    def remove(self, upload_id: str) -> None:
        """Remove an upload; see the port."""
        own_upload(self.uploads, self.owner, upload_id)
        self.uploads.remove(upload_id)


Owner = Annotated[str, Depends(owner_of)]


def job_dependency(manage: ManageJobs) -> Callable[[str, Owner], Job]:
    """Return what gives a route the job that its address names, before anything is answered."""

    def the_job(job_id: str, owner: Owner) -> Job:
        return manage.get(owner, job_id)

    return the_job
