"""Jobs as the API shows them, and where a page of them ended."""

from math import isfinite
from typing import Literal

from pydantic import BaseModel, Field

from quoth.domain.errors import InvalidParameter
from quoth.domain.jobs import Job
from quoth.ports.jobs import Place


class JobError(BaseModel):
    """Why a job failed."""

    message: str
    code: str


class JobDocument(BaseModel):
    """A job. Times are seconds since the epoch, lengths are seconds."""

    id: str
    object: Literal["job"] = "job"
    name: str
    status: Literal["queued", "running", "completed", "failed", "cancelled"]
    stage: str | None = Field(description="What a running job is at.")
    fraction: float = Field(description="How far it is, from 0 to 1.")
    remaining: float | None = Field(description="Estimated seconds until it is done.")
    queue_position: int | None = Field(description="From 1, while it waits.")
    waiting_for: str | None = Field(
        description="What is missing while nobody is there who could do it."
    )
    duration: float = Field(description="Of the audio; an estimate until it was decoded.")
    size_bytes: int
    model: str | None
    language: str | None = Field(description="As asked for; the transcript says what was found.")
    diarize: bool
    created_at: float
    started_at: float | None
    finished_at: float | None
    attempt: int
    error: JobError | None
    has_audio: bool = Field(description="Whether the recording is still kept.")
    revision: int = Field(description="Counts up with every change.")


class JobList(BaseModel):
    """A page of jobs, the newest first."""

    object: Literal["list"] = "list"
    data: list[JobDocument]
    total: int = Field(description="On all pages.")
    has_more: bool
    next: str | None = Field(description="What to pass as `after` for the next page, if any.")


def document_of(
    job: Job, position: int | None = None, waiting_for: str | None = None
) -> JobDocument:
    """Return a job as the API shows it."""
    failure = job.failure
    return JobDocument(
        id=job.id,
        name=job.name,
        status=job.status.value,
        stage=job.progress.stage.value if job.progress.stage else None,
        fraction=job.progress.fraction,
        remaining=job.progress.remaining,
        queue_position=position,
        waiting_for=waiting_for,
        duration=job.seconds,
        size_bytes=job.size_bytes,
        model=job.options.model,
        language=job.options.language,
        diarize=job.options.diarize,
        created_at=job.created,
        started_at=job.started,
        finished_at=job.finished,
        attempt=job.attempt,
        error=JobError(message=failure.message, code=failure.code) if failure else None,
        has_audio=job.has_audio,
        revision=job.revision,
    )


def page_end(job: Job) -> str:
    """Return what stands for the place of a job in lists, whatever becomes of the job."""
    return f"{job.created!r}_{job.id}"


def place_after(end: str) -> Place:
    """Return the place that `page_end` wrote down.

    Raises:
        InvalidParameter: if it wrote nothing of the kind.
    """
    created, separator, job_id = end.partition("_")
    try:
        if separator and isfinite(moment := float(created)):
            return Place(moment, job_id)
    except ValueError:
        pass
    raise InvalidParameter("after", "is neither the `next` of a page nor the id of a job")
