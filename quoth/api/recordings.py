"""Sending a recording and its outline, to its owner and to whoever it is shared with."""

import mimetypes
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from quoth.api.errors import error_body
from quoth.domain.job_errors import NothingKept
from quoth.domain.jobs import Job
from quoth.domain.peaks import SAMPLES_PER_PEAK
from quoth.ports.jobs import JobFiles
from quoth.ports.recordings import Recording

PLAYABLE = ("audio/", "video/")
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; media-src 'self'",
}
"""A recording is whatever somebody sent: no browser is to run it as a page."""
RANGE_REFUSALS = {
    400: "The header Range cannot be read: send it as `bytes=FIRST-LAST`, or leave it out.",
    416: "The recording has no such bytes: the header Content-Range says how many it has.",
}


class _RecordingResponse(FileResponse):
    """A recording, whole or in ranges; wherever it is kept, only what is asked for is read.

    Refusals of a range are errors as all others, instead of plain text.
    """

    def __init__(self, recording: Recording, name: str, kind: str) -> None:
        size, changed = recording.size_bytes, recording.changed
        super().__init__(
            name,
            media_type=kind,
            filename=name,
            stat_result=os.stat_result((stat.S_IFREG, 0, 0, 0, 0, 0, size, 0, changed, 0)),
            content_disposition_type="inline",
            headers=HARMLESS,
        )
        self._recording = recording

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        # Starlette reads what this gives, and nothing by the path.
        file = anyio.wrap_file(await anyio.to_thread.run_sync(self._recording.open))
        try:
            yield file
        finally:
            with anyio.CancelScope(shield=True):
                await file.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or the range that was asked for."""
        is_refused = False

        async def send_worded(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and message["status"] in RANGE_REFUSALS:
                is_refused = True
                headers = Headers(raw=message["headers"])
                kept = {name: headers[name] for name in ("content-range",) if name in headers}
                body = error_body(
                    RANGE_REFUSALS[message["status"]], "invalid_request_error", "range"
                )
                await JSONResponse(body, message["status"], kept)(scope, receive, send)
            elif not is_refused:
                await send(message)

        await super().__call__(scope, receive, send_worded)


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
    found = files.recording(job.id)
    if found is None:
        raise NothingKept(job.id, "audio", "it was removed to save room")
    kind = mimetypes.guess_type(job.name)[0] or ""
    is_played = kind.startswith(PLAYABLE)
    return _RecordingResponse(found, job.name, kind if is_played else "application/octet-stream")


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
