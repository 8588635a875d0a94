"""Uploads in pieces on two servers that share a store: each piece may come to either."""

import hashlib
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests import tus
from tests.buckets import BucketServer
from tests.fleet.programs import Programs, programs
from tests.media import wav
from tests.postgres import Postgres
from tests.service.conftest import ServeProcess

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ANOTHER_DISK = Path("/dev/shm")  # noqa: S108 - what is mounted is not the disk of a server
SECONDS = 60
PIECES = 8


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording of two megabytes."""
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, SECONDS * 16_000)
    return wav(tmp_path_factory.mktemp("sound") / "noise.wav", noise).read_bytes()


@pytest.fixture(scope="module", params=["folder", "bucket"])
def fleet(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programs]:
    with tempfile.TemporaryDirectory(dir=ANOTHER_DISK if ANOTHER_DISK.is_dir() else None) as store:
        shared = {"DATABASE_URL": postgres.emptied(), "STORE_URL": store}
        if request.param == "bucket":
            server: BucketServer = request.getfixturevalue("bucket_server")
            shared |= server.settings(server.make_bucket())
        with programs(tmp_path_factory.mktemp("fleet"), shared) as running:
            yield running


@pytest.fixture
def is_bucket(fleet: Programs) -> bool:
    """Whether the store is one, where nobody can be kept from writing, only be refused."""
    return fleet.shared["STORE_URL"].startswith("s3:")


@pytest.fixture(scope="module")
def servers(fleet: Programs) -> tuple[ServeProcess, ServeProcess]:
    """Two that stay."""
    return fleet.serve(), fleet.serve()


def elsewhere(url: str, server: ServeProcess) -> str:
    """Return the address of an upload at another server."""
    return f"{server.url}{httpx.URL(url).path}"


def make_job(server: ServeProcess, url: str) -> str:
    form = {"upload_id": (None, url.rsplit("/", 1)[1])}
    made = httpx.post(f"{server.url}/v1/jobs", files=form, timeout=30)
    assert made.status_code == 202, made.text
    return str(made.json()["id"])


def audio_of(server: ServeProcess, job_id: str) -> bytes:
    return httpx.get(f"{server.url}/v1/jobs/{job_id}/audio", timeout=30).content


def test_a_form_that_one_server_gets_is_a_job_of_all(
    servers: tuple[ServeProcess, ServeProcess], content: bytes
) -> None:
    file = {"file": ("talk.wav", content)}
    made = httpx.post(f"{servers[0].url}/v1/jobs", files=file, timeout=30)
    assert made.status_code == 202, made.text
    assert audio_of(servers[1], made.json()["id"]) == content
    assert servers[0].left_on_disk() == []


def test_pieces_may_come_to_any_server_and_one_may_be_killed_between_them(
    fleet: Programs, servers: tuple[ServeProcess, ServeProcess], content: bytes
) -> None:
    left, killed = servers[0], fleet.serve()
    sha256 = hashlib.sha256(content).hexdigest()
    url = tus.create(killed.url, len(content), filename="talk.wav", sha256=sha256)
    size = len(content) // PIECES
    for number in range(PIECES):
        at, server = number * size, (left, killed)[number % 2 if number < PIECES // 2 else 0]
        if number == PIECES // 2:
            with tus.begin_patch(elsewhere(url, killed), at, content[at : at + 1000], size):
                time.sleep(0.5)  # what came may be kept, or only when a request ends
                fleet.kill(killed)
            at = tus.offset(elsewhere(url, left))
            assert number * size <= at <= number * size + 1000
        end = len(content) if number == PIECES - 1 else (number + 1) * size
        answer = tus.patch(elsewhere(url, server), at, content[at:end])
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(end))
    assert httpx.get(elsewhere(url, servers[1])).json()["is_finished"] is True
    job_id = make_job(servers[1], url)
    assert audio_of(left, job_id) == content
    assert httpx.get(f"{left.url}/v1/jobs/{job_id}").json()["name"] == "talk.wav"
    assert httpx.get(elsewhere(url, left)).status_code == 404


def test_of_two_servers_that_get_the_same_piece_at_once_one_takes_it(
    servers: tuple[ServeProcess, ServeProcess], content: bytes, *, is_bucket: bool
) -> None:
    url = tus.create(servers[0].url, len(content))
    size = len(content) // PIECES
    for at in range(0, len(content), size):
        statuses: list[int] = []

        def send(server: ServeProcess, at: int, into: list[int]) -> None:
            there = elsewhere(url, server)
            into.append(tus.patch(there, at, content[at : at + size]).status_code)

        senders = [threading.Thread(target=send, args=(each, at, statuses)) for each in servers]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert set(statuses) <= {204, 409, 423}
        assert statuses.count(204) <= 1 or is_bucket  # which keeps the same bytes once
        reached = tus.offset(elsewhere(url, servers[1]))
        if reached < min(at + size, len(content)):  # the one left for the other
            assert tus.patch(url, reached, content[reached : at + size]).status_code == 204
    assert audio_of(servers[0], make_job(servers[1], url)) == content


def test_a_client_goes_on_at_another_server_though_its_old_connection_seems_alive(
    servers: tuple[ServeProcess, ServeProcess], content: bytes, *, is_bucket: bool
) -> None:
    url = tus.create(servers[0].url, len(content))
    with tus.begin_patch(url, 0, content[:100_000], len(content)) as connection:
        time.sleep(0.5)
        began = time.monotonic()
        at = tus.offset(elsewhere(url, servers[1]))
        assert at == (0 if is_bucket else 100_000)  # what was gathered is sent at the end
        assert time.monotonic() - began < 8
        assert tus.patch(elsewhere(url, servers[1]), at, content[at:]).status_code == 204
        if is_bucket:
            connection.shutdown(socket.SHUT_WR)  # what it gathered comes too late
            time.sleep(0.5)
        else:
            assert _answer(connection).startswith(b"HTTP/1.1 423")
    assert audio_of(servers[0], make_job(servers[0], url)) == content


def test_an_upload_that_is_removed_at_another_server_is_not_sent_to_any_more(
    servers: tuple[ServeProcess, ServeProcess], content: bytes, *, is_bucket: bool
) -> None:
    url = tus.create(servers[0].url, len(content))
    with tus.begin_patch(url, 0, content[:100_000], len(content)) as connection:
        time.sleep(0.5)
        there = elsewhere(url, servers[1])
        assert httpx.delete(there, headers=tus.VERSION).status_code == 204
        if is_bucket:
            connection.sendall(content[100_000:])
        assert _answer(connection).startswith(b"HTTP/1.1 404")
    for server in servers:
        assert httpx.get(elsewhere(url, server)).status_code == 404


def _answer(connection: socket.socket) -> bytes:
    connection.settimeout(10)
    return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("fleet", ["folder"], indirect=True)
def test_limits_are_those_of_all_servers_together(fleet: Programs) -> None:
    told = {
        "MAX_UNFINISHED_UPLOADS": "2",
        "MAX_UPLOAD_BYTES": "1000",
        "UPLOAD_EXPIRY_HOURS": str(4 / 3600),
    }
    servers = [fleet.serve(**told), fleet.serve(**told)]
    urls = [tus.create(server.url, 1000) for server in servers]
    for server in servers:
        for size, status in ((10, 429), (1001, 413)):
            headers = tus.VERSION | {"Upload-Length": str(size)}
            assert httpx.post(f"{server.url}/v1/uploads", headers=headers).status_code == status
    assert tus.patch(elsewhere(urls[0], servers[1]), 0, bytes(1001)).status_code == 413
    deadline = time.monotonic() + 20
    while (found := httpx.get(elsewhere(urls[0], servers[1])).status_code) == 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert found == 410
    assert tus.create(servers[0].url, 1000)  # what expired counts no more
