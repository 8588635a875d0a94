"""Forms: taken apart as they come, their files straight onto the disk and in little memory."""

import asyncio
import socket
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.adapters.storage.workspaces import Workspaces
from quoth.api.app import create_app
from quoth.api.multipart import SPACE_CHECK_BYTES, FormLimits, MultipartReader
from quoth.api.service import Service, ServiceLimits
from quoth.api.uploads import GATHERED_BYTES
from quoth.bootstrap.jobs import build_jobs
from quoth.bootstrap.live import live_equipment
from quoth.config import Settings
from quoth.domain.errors import BrokenForm, InputError, InvalidParameter, OutOfDisk
from quoth.domain.uploads import NewUpload
from tests import tus
from tests.api.conftest import FakeRecognisers, RunningServer, memory_queues

BLOCK = bytes(64 * 1024)
BLOCKS = 200 * 16  # 200 MB
MOST_MEMORY_BYTES = 4 << 20


def unlimited(_size_bytes: int) -> None:
    """There is always space."""


def limits(max_files: int = 1) -> FormLimits:
    return FormLimits(1 << 20, unlimited, max_files)


def form(*parts: tuple[str, bytes]) -> bytes:
    body = b"".join(
        b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (head.encode(), content)
        for head, content in parts
    )
    return body + b"--x--\r\n"


def read(folder: Path, body: bytes, limits: FormLimits) -> MultipartReader:
    reader = MultipartReader(b"x", folder, limits)
    try:
        reader.feed(body)
        reader.finish()
    finally:
        reader.close()
    return reader


@settings(deadline=None)  # the disk may take its time
@given(
    content=st.binary(max_size=200) | st.just(b"\r\n--x\r\n--"[:-4] + b"y"),
    cuts=st.lists(st.integers(0, 400), max_size=30),
)
def test_a_body_in_any_pieces_is_the_same_form(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, cuts: list[int]
) -> None:
    if b"\r\n--x" in content:
        return
    folder = tmp_path_factory.mktemp("form")
    body = form(
        ('name="model"', b"whisper-1"),
        ('name="file"; filename="a.wav"', content),
        ('name="prompt"', "naïve".encode()),
    )
    reader = MultipartReader(b"x", folder, limits())
    for start, end in pairwise([0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]):
        reader.feed(body[start:end])
    reader.finish()
    assert reader.fields == [("model", "whisper-1"), ("prompt", "naïve")]
    assert [(file.filename, file.size_bytes) for file in reader.files] == [("a.wav", len(content))]
    if content:
        assert reader.files[0].path.read_bytes() == content


@settings(deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: form()[:-4] + tail))
def test_no_bytes_are_more_than_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    try:
        read(tmp_path_factory.mktemp("form"), body, limits())
    except InputError:
        return


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (form(('name="file"; filename="a"', b"x"))[:-6], "ends before its last boundary"),
        (form(('filename="a"', b"x")), "no name"),
        (form(('name="prompt"; filename="a"', b"x")), "prompt cannot be a file"),
        (form(('name="prompt"', bytes((3 << 20) + 1))), "prompt is longer"),
        (form(*[('name="prompt"', bytes(3 << 20))] * 5), "all fields together longer"),
        (form(*[('name="file"; filename="a"', b"x")] * 2), "more than 1 times"),
        (form(*[('name="a"', b"x")] * 202), "more than 200 fields"),
        (form(('name="file"; filename="a"', bytes(1 << 21))), "larger than 1048576 bytes"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(tmp_path: Path, body: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path, body, limits())


@pytest.mark.parametrize("boundary", [b"y" * 300])
def test_a_boundary_that_cannot_be_is_said(tmp_path: Path, boundary: bytes) -> None:
    with pytest.raises(BrokenForm):
        MultipartReader(boundary, tmp_path, limits())


def test_several_files_are_taken_where_that_is_allowed(tmp_path: Path) -> None:
    parts = [('name="file[]"; filename="../a"', b"1"), ('name="file"; filename="b"', b"2")]
    files = read(tmp_path, form(*parts), limits(max_files=2)).files
    assert [(file.filename, file.path.read_bytes()) for file in files] == [("a", b"1"), ("b", b"2")]
    with pytest.raises(InvalidParameter):
        read(tmp_path, form(*parts), limits())


def test_an_input_left_empty_in_a_page_is_no_file(tmp_path: Path) -> None:
    assert read(tmp_path, form(('name="file"; filename=""', b"")), limits()).files == []


def test_a_disk_that_fills_up_in_the_middle_stops_a_form(tmp_path: Path) -> None:
    looks: list[int] = []

    def refuse(size_bytes: int) -> None:
        looks.append(size_bytes)
        raise OutOfDisk(str(tmp_path))

    body = form(('name="file"; filename="a"', bytes(SPACE_CHECK_BYTES + 1)))
    with pytest.raises(OutOfDisk):
        read(tmp_path, body, FormLimits(1 << 30, refuse))
    assert len(looks) == 1


def test_a_file_lies_on_the_disk_once_while_it_comes(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spool := tmp_path / "spool").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    head, end = form(('name="file"; filename="a"', b"|")).split(b"|")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n"
            f"Content-Length: {len(head) + 4_000_000 + len(end)}\r\n\r\n".encode()
        )
        connection.sendall(head + bytes(4_000_000))
        deadline, due = time.monotonic() + 10, 4_000_000 - GATHERED_BYTES
        while sum(path.stat().st_size for path in server.left_on_disk()) < due:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        files = [path.name for path in server.left_on_disk() if path.is_file()]
        assert sorted(files) == [".in-use", "upload-1"]
        assert list(spool.iterdir()) == []
        connection.sendall(end)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


async def send(app: FastAPI, method: str, path: str, headers: dict[str, str], *body: bytes) -> int:
    """Send a body between whose two parts there are 200 MB; return the status of the answer."""
    messages = iter_messages(*body)
    statuses: list[int] = []

    async def receive() -> Message:
        if (message := next(messages, None)) is None:
            await asyncio.Event().wait()  # the client stays for the answer
            raise AssertionError
        return message

    async def answer(message: Message) -> None:
        statuses.append(message.get("status", 0))

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "client": ("127.0.0.1", 50_000),
        "headers": [(b"host", b"localhost"), *raw],
    }
    await app(scope, receive, answer)
    return statuses[0]


def iter_messages(head: bytes, end: bytes) -> Iterator[Message]:
    yield {"type": "http.request", "body": head, "more_body": True}
    for _ in range(BLOCKS):
        yield {"type": "http.request", "body": bytes(BLOCK), "more_body": True}
    yield {"type": "http.request", "body": end, "more_body": False}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["form", "tus"])
def test_memory_stays_flat_while_two_hundred_megabytes_come(tmp_path: Path, kind: str) -> None:
    uploads = FileUploads(DiskSpace(tmp_path / "uploads", 0), 1 << 30, 3600)
    workspaces = Workspaces(tmp_path / "work")
    recognisers = FakeRecognisers()
    jobs = build_jobs(Settings(quoth_data=tmp_path / "data"), recognisers, memory_queues)
    equipment = live_equipment(jobs.jobs.manage, uploads, tmp_path / "data")
    service = Service(
        recognisers,
        ServiceLimits(),
        workspaces.make,
        uploads,
        jobs.jobs,
        equipment,
    )
    app = create_app(service)
    begun = uploads.create(NewUpload(BLOCKS * len(BLOCK)))
    head, end = form(('name="file"; filename="a"', b"|")).split(b"|")
    asked = {
        "form": (
            ("POST", "/v1/audio/transcriptions"),
            {"Content-Type": "multipart/form-data; boundary=x"},
            (head, end),
        ),
        "tus": (
            ("PATCH", f"/v1/uploads/{begun.id}"),
            tus.VERSION | tus.BYTES | {"Upload-Offset": "0"},
            (b"", b""),
        ),
    }
    where, headers, body = asked[kind]
    asyncio.run(send(app, "GET", "/health", {}, b"", b""))  # what is loaded once
    tracemalloc.start()
    try:
        status = asyncio.run(send(app, *where, headers, *body))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        jobs.close()
    assert status in {200, 204}
    assert peak < MOST_MEMORY_BYTES
    if kind == "tus":
        assert uploads.find(begun.id).is_finished
