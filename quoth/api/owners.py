"""Whose jobs a request is about."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from quoth.domain.jobs import LOCAL_OWNER, Job
from quoth.use_cases.manage_jobs import ManageJobs


def owner_of(_request: Request) -> str:
    """Return the owner: one for all, as long as nobody is asked who they are."""
    return LOCAL_OWNER


Owner = Annotated[str, Depends(owner_of)]


def job_dependency(manage: ManageJobs) -> Callable[[str, Owner], Job]:
    """Return what gives a route the job that its address names, before anything is answered."""

    def the_job(job_id: str, owner: Owner) -> Job:
        return manage.get(owner, job_id)

    return the_job
