"""Taking a form in: bounded, and onto disk rather than into memory."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request

from quoth.api.multipart import MAX_FIELDS_BYTES, FormLimits, MultipartReader, ReceivedFile
from quoth.domain.errors import BrokenForm, EmptyFile, FileTooLarge, InvalidParameter

_T = TypeVar("_T")

FORM_ALLOWANCE_BYTES = MAX_FIELDS_BYTES + (1 << 20)
"""What the fields and the boundaries of a form may add to its files."""
GATHERED_BYTES = 1 << 19
"""So much of a body is gathered before a thread is given it: handing over costs more than the work.
"""


@dataclass(frozen=True, slots=True)
class ReceivedForm:
    """A form that was taken in; its files are in the folder that was given for them."""

    fields: FormData
    files: tuple[ReceivedFile, ...]


async def read_form(
    request: Request, folder: Path, limits: FormLimits, then: Callable[[ReceivedForm], _T]
) -> _T:
    """Read a form and put its files into a folder, as they come.

    Args:
        request: whose body it is.
        folder: for its files.
        limits: of what it may hold.
        then: is given the form, in the thread that was given its last piece: each way to a thread
            and back costs more than most of what is done there.

    Raises:
        FileTooLarge: as soon as the body or a file is known to be larger than the limit.
        OutOfDisk: before the disk is full.
        InvalidParameter: if there is no file in it, or a field cannot be taken.
        BrokenForm: if the body is no form.
    """
    boundary = _boundary(request.headers.get("content-type", ""))
    limit = limits.max_files * limits.max_file_bytes + FORM_ALLOWANCE_BYTES
    stated = _stated_length(request)
    if stated > limit:
        raise FileTooLarge(limits.max_file_bytes)
    is_checked = stated > GATHERED_BYTES
    if is_checked:
        await run_in_threadpool(limits.check_space, stated)
    reader = MultipartReader(boundary, folder, limits)
    last: list[bytes] = []
    left = stated

    def finish() -> _T:
        _feed(reader, last, None if is_checked else limits)
        reader.finish()
        return then(ReceivedForm(FormData(reader.fields), tuple(reader.files)))

    try:
        async for pieces in gathered(_bounded(request, limit, limits.max_file_bytes)):
            left -= sum(map(len, pieces))
            if left == 0:
                last = pieces
                continue
            await run_in_threadpool(_feed, reader, pieces, None if is_checked else limits)
            is_checked = True
        return await run_in_threadpool(finish)
    finally:
        if reader.is_in_file:
            await run_in_threadpool(reader.close)


async def gathered(body: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Yield the pieces of a body in groups of a size that is worth a thread's while."""
    pieces: list[bytes] = []
    size = 0
    async for data in body:
        pieces.append(data)
        size += len(data)
        if size >= GATHERED_BYTES:
            yield pieces
            pieces, size = [], 0
    if size:
        yield pieces


def _feed(reader: MultipartReader, pieces: list[bytes], unchecked: FormLimits | None) -> None:
    if unchecked is not None:  # a small form: its space is looked for when it is there
        unchecked.check_space(sum(map(len, pieces)))
    for piece in pieces:
        reader.feed(piece)


def the_file(form: ReceivedForm) -> ReceivedFile:
    """Return the file of a form.

    Raises:
        InvalidParameter: if there is none.
        EmptyFile: if it has no bytes.
    """
    if not form.files:
        raise InvalidParameter("file", "is missing: send the recording as a file in this field")
    if not form.files[0].size_bytes:
        raise EmptyFile
    return form.files[0]


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise InvalidParameter("file", "is missing: send a multipart/form-data body with it")
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise InvalidParameter("charset", "is not supported: send the form as UTF-8")
    if not (boundary := options.get(b"boundary")):
        raise BrokenForm("its Content-Type names no boundary")
    return boundary


def _stated_length(request: Request) -> int:
    stated = request.headers.get("content-length", "")
    return int(stated) if stated.isascii() and stated.isdigit() else 0


async def _bounded(request: Request, limit: int, max_file_bytes: int) -> AsyncIterator[bytes]:
    received = 0
    async for data in request.stream():
        received += len(data)
        if received > limit:
            raise FileTooLarge(max_file_bytes)
        yield data
