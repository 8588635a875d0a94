"""Taking recordings in for jobs: as files of a form, or as uploads that are finished."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from starlette.requests import Request

from quoth.api.job_forms import MOST_FILES, JobForm, parse_job_form
from quoth.api.multipart import FormLimits, ReceivedFile
from quoth.api.openai_models import OPENAI_MODELS
from quoth.api.owners import OwnUploads
from quoth.api.references import save_references
from quoth.api.service import Service
from quoth.api.uploads import ReceivedForm, read_form
from quoth.domain.errors import EmptyFile, InvalidParameter
from quoth.domain.jobs import Job, JobOptions
from quoth.domain.references import Reference
from quoth.domain.upload_errors import UploadExpired, UploadNotFound
from quoth.ports.progress import unobserved
from quoth.use_cases.manage_jobs import NewRecording
from quoth.use_cases.requests import TranscriptionRequest, recognition_of

_T = TypeVar("_T")

UNNAMED = "recording"
LONG_BYTES = 1_000_000
"""From here on a body is worth a look, before it is read, whether there is room for it."""


def is_long(request: Request) -> bool:
    """Whether the body of a request is long, or does not say how long it is."""
    length = request.headers.get("content-length", "")
    return not length.isdecimal() or int(length) >= LONG_BYTES


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What came in.

    Args:
        form: the fields.
        files: recordings among them.
        folder: where they lie meanwhile, and what else is made of them.
    """

    form: JobForm
    files: Sequence[ReceivedFile]
    folder: Path


async def receive(
    service: Service, request: Request, folder: Path, then: Callable[[JobRequest], _T]
) -> _T:
    """Read the form of a request, its files into a folder.

    Args:
        service: takes it in.
        request: whose body it is.
        folder: for the files.
        then: is given what came in, in a thread.

    Raises:
        InputError: if it cannot be served as it is.
        OutOfDisk: before the disk is full.
    """
    limits = FormLimits(service.limits.max_upload_bytes, service.uploads.check_space, MOST_FILES)

    def take_in(received: ReceivedForm) -> _T:
        return then(JobRequest(parse_job_form(received.fields), received.files, folder))

    return await read_form(request, folder, limits, take_in)


def create_jobs(service: Service, owner: str, request: JobRequest, key: str | None) -> list[Job]:
    """Make a job of each recording.

    Raises:
        InputError: if the options cannot be served, or there is no recording.
        QueueFull: if too much waits.
    """
    form = request.form
    options = _options(service, form)
    known = _known(service, options, request)
    recordings = [*_files(request.files, form.name, key), *_uploads(service, owner, form, key)]
    if not recordings:
        raise InvalidParameter(
            "file", "is missing: send recordings as files, or the upload_id of finished uploads"
        )
    keys = [key if len(recordings) == 1 else key and f"{key}/{n}" for n in range(len(recordings))]
    with service.uploads.held(form.upload_id):
        return [
            service.jobs.manage.create(owner, options, recording, each, known)
            for recording, each in zip(recordings, keys, strict=True)
        ]


def _options(service: Service, form: JobForm) -> JobOptions:
    """Return the options, refused now where they cannot be served later."""
    options = form.options
    if options.model in OPENAI_MODELS:
        options = replace(options, model=None)
    wanted = TranscriptionRequest(Path(), recognition_of(options))
    service.recognisers.transcribe(options.model).check(wanted)
    return options


def _known(service: Service, options: JobOptions, request: JobRequest) -> list[Reference]:
    """Return the people to look for, refused now where their references are no use."""
    if not options.diarize:
        return []
    saved = save_references(request.form, request.folder)
    use_case = service.recognisers.transcribe(options.model)
    return use_case.recognise_speakers.read(saved, request.folder, unobserved)


def _files(
    files: Sequence[ReceivedFile], name: str | None, key: str | None
) -> Iterator[NewRecording]:
    for file in files:
        if not file.size_bytes:
            raise EmptyFile
        digest = _digest(file.path) if key is not None else None
        called = name if name and len(files) == 1 else file.filename
        yield NewRecording(
            called or UNNAMED, _mover(file.path), digest and f"{called}\n{digest}", file.path
        )


def _uploads(
    service: Service, owner: str, form: JobForm, key: str | None
) -> Iterator[NewRecording]:
    for upload_id in dict.fromkeys(form.upload_id):
        called = form.name if form.name and len(form.upload_id) == 1 else None
        uploads = OwnUploads(service.uploads, owner)
        yield _upload(uploads, upload_id, called, is_named=key is not None)


def _upload(
    uploads: OwnUploads, upload_id: str, called: str | None, *, is_named: bool
) -> NewRecording:
    """Return a recording that came as an upload, which lasts until there is a job of it.

    One that is gone may be what an earlier request under the same key made its job of.
    """

    def bring(target: Path) -> None:
        uploads.lend(upload_id, target)

    def done() -> None:
        with suppress(UploadNotFound, UploadExpired):
            uploads.remove(upload_id)

    digest = f"{called}\n{upload_id}"
    try:
        found = uploads.finished(upload_id)
    except UploadNotFound:
        if not is_named:
            raise
        return NewRecording(called or UNNAMED, bring, digest)
    return NewRecording(called or found.filename or UNNAMED, bring, digest, found.path, done)


def _mover(path: Path) -> Callable[[Path], None]:
    def bring(target: Path) -> None:
        shutil.move(path, target)  # the store may be on another disk

    return bring


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def openapi_body() -> dict[str, Any]:
    """Describe the form."""
    schema = JobForm.model_json_schema()
    schema["properties"]["file"] = {
        "type": "array",
        "items": {"type": "string", "format": "binary"},
        "description": "Recordings: audio, or video with sound, in any usual format.",
    }
    return {"requestBody": {"content": {"multipart/form-data": {"schema": schema}}}}
