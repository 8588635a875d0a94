"""Taking a multipart body in: bounded, and onto disk rather than into memory."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive

from quoth.domain.errors import EmptyFile, FileTooLarge, InvalidParameter

FORM_ALLOWANCE_BYTES = 1 << 20
"""What the fields and the boundaries of a form may add to the file."""
COPY_BYTES = 1 << 20
MAX_FIELDS = 100
MAX_FIELD_BYTES = 256 * 1024


@asynccontextmanager
async def read_form(request: Request, max_upload_bytes: int) -> AsyncIterator[FormData]:
    """Read a form with at most one file; it is gone from disk when the context ends.

    Raises:
        FileTooLarge: as soon as the body is known to be larger than the limit.
        InvalidParameter: if the body is no form.
    """
    _check_content_type(request.headers.get("content-type", ""))
    limit = max_upload_bytes + FORM_ALLOWANCE_BYTES
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > limit:
        raise FileTooLarge(max_upload_bytes)
    bounded = Request(request.scope, _bounded(request.receive, limit, max_upload_bytes))
    async with bounded.form(
        max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
    ) as form:
        yield form


def _check_content_type(content_type: str) -> None:
    kind, options = parse_options_header(content_type)
    if kind not in (b"multipart/form-data", b"application/x-www-form-urlencoded"):
        raise InvalidParameter("file", "is missing: send a multipart/form-data body with it")
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise InvalidParameter("charset", "is not supported: send the form as UTF-8")


def _bounded(receive: Receive, limit: int, max_upload_bytes: int) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise FileTooLarge(max_upload_bytes)
        return message

    return bounded


def the_file(form: FormData) -> UploadFile:
    """Return the file of a form.

    Raises:
        InvalidParameter: if there is none.
    """
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise InvalidParameter("file", "is missing: send the recording as a file in this field")
    return upload


def save(upload: UploadFile, target: Path, max_upload_bytes: int) -> None:
    """Copy an upload to a file; what the client called it plays no part.

    Raises:
        EmptyFile: if it has no bytes.
        FileTooLarge: if it has too many.
    """
    if not upload.size:
        raise EmptyFile
    if upload.size > max_upload_bytes:
        raise FileTooLarge(max_upload_bytes)
    with target.open("wb") as file:
        shutil.copyfileobj(upload.file, file, COPY_BYTES)
