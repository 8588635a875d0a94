"""Sending a recording and its outline, to its owner and to whoever it is shared with."""

import mimetypes
from typing import Any

from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from quoth.domain.job_errors import NothingKept
from quoth.domain.jobs import Job
from quoth.domain.peaks import SAMPLES_PER_PEAK
from quoth.ports.jobs import JobFiles

PLAYABLE = ("audio/", "video/")
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; media-src 'self'",
}
"""A recording is whatever somebody sent: no browser is to run it as a page."""


class Outline(BaseModel):
    """The outline of a waveform. It is shown in the documentation and not checked on the way."""

    version: int
    channels: int
    sample_rate: int
    samples_per_pixel: int
    bits: int
    length: int = Field(description="Stretches of `samples_per_pixel`.")
    data: list[int] = Field(description="The smallest and the largest sample of each stretch.")


def audio_of(job: Job, files: JobFiles) -> FileResponse:
    """Return the recording as it was sent; ranges of bytes can be asked for.

    Raises:
        NothingKept: if it is gone.
    """
    path = files.source(job.id)
    if not path.is_file():
        raise NothingKept(job.id, "audio", "it was removed to save room")
    kind = mimetypes.guess_type(job.name)[0] or ""
    return FileResponse(
        path,
        media_type=kind if kind.startswith(PLAYABLE) else "application/octet-stream",
        filename=job.name,
        content_disposition_type="inline",
        headers=HARMLESS,
    )


def outline_of(job: Job, files: JobFiles) -> dict[str, Any]:
    """Return the outline of the waveform, as BBC's audiowaveform writes it in JSON.

    Raises:
        NothingKept: if there is none.
    """
    found = files.peaks(job.id)
    if found is None:
        raise NothingKept(job.id, "peaks", f"it is {job.status.value}")
    return {
        "version": 2,
        "channels": 1,
        "sample_rate": found.sample_rate,
        "samples_per_pixel": SAMPLES_PER_PEAK,
        "bits": 8,
        "length": len(found.values),
        "data": found.values.reshape(-1).tolist(),
    }
