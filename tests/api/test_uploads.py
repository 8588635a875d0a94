"""Uploads in pieces, driven by the client of tus and by raw HTTP on a network that breaks."""

import hashlib
import io
import os
import random
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from tusclient.client import TusClient

from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.api import tus as headers_of_tus
from quoth.domain.errors import InputError
from tests import tus
from tests.api.conftest import RunningServer, StartServer
from tests.api.test_transcriptions import error_of

CONTENT = os.urandom(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def id_of(url: str | None) -> str:
    assert url is not None
    return url.rsplit("/", 1)[1]


def received(server: RunningServer, url: str | None) -> bytes:
    path = server.uploads.finished(id_of(url)).path
    assert path is not None
    return path.read_bytes()


def wait_for_offset(url: str, offset: int) -> None:
    """Wait without disturbing who sends."""
    deadline = time.monotonic() + 10
    while httpx.get(url).json()["offset_bytes"] != offset:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_uploads(server: RunningServer, count: int) -> None:
    deadline = time.monotonic() + 10
    folder = server.uploads.space.folder
    while len(list(folder.iterdir()) if folder.exists() else []) != count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("chunk", [100_000, 2_999_999, 3_000_000, 10_000_000])
@pytest.mark.parametrize("path", ["/v1/uploads", "/v1/uploads/"])
def test_the_client_of_tus_uploads_in_pieces(server: RunningServer, chunk: int, path: str) -> None:
    uploader = TusClient(f"{server.url}{path}").uploader(
        file_stream=io.BytesIO(CONTENT),
        chunk_size=chunk,
        metadata={"filename": "Gespräch.wav", "sha256": SHA256},
    )
    uploader.upload()
    assert received(server, uploader.url) == CONTENT
    assert server.uploads.finished(id_of(uploader.url)).filename == "Gespräch.wav"


@pytest.mark.parametrize("seed", [1, 2])
def test_twenty_breaks_of_the_network_change_no_byte(server: RunningServer, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret
    breaks = [chance.randrange(2 * len(CONTENT) // 20) for _ in range(20)]
    with tus.breaking_network(server.port, breaks) as network:
        uploader = TusClient(f"http://127.0.0.1:{network.port}/v1/uploads").uploader(
            file_stream=io.BytesIO(CONTENT),
            metadata={"filename": "talk.wav", "sha256": SHA256},
            retries=100,
            retry_delay=0,
        )
        uploader.upload()
        assert network.breaks == []
    assert received(server, uploader.url) == CONTENT


def test_bytes_that_came_before_a_break_are_kept(server: RunningServer) -> None:
    url = tus.create(server.url, len(CONTENT))
    connection = tus.begin_patch(url, 0, CONTENT[:1_234_567], len(CONTENT))
    wait_for_offset(url, 1_234_567)
    tus.reset(connection)
    assert tus.offset(url) == 1_234_567
    assert tus.patch(url, 1_234_567, CONTENT[1_234_567:]).status_code == 204
    assert received(server, url) == CONTENT


@pytest.mark.parametrize("asks_first", [True, False])
def test_a_client_goes_on_at_once_though_its_old_connection_still_seems_alive(
    server: RunningServer, *, asks_first: bool
) -> None:
    url = tus.create(server.url, len(CONTENT))
    with tus.begin_patch(url, 0, CONTENT[:1_000_000], len(CONTENT)) as connection:
        wait_for_offset(url, 1_000_000)
        started = time.monotonic()
        if asks_first:
            assert tus.offset(url) == 1_000_000
        assert tus.patch(url, 1_000_000, CONTENT[1_000_000:]).status_code == 204
        assert time.monotonic() - started < 5
        connection.settimeout(5)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 423")
    assert b"upload_busy" in answer
    assert received(server, url) == CONTENT


def test_many_who_send_the_same_upload_at_once_harm_nothing(server: RunningServer) -> None:
    url = tus.create(server.url, len(CONTENT), sha256=SHA256)

    def send() -> None:
        deadline = time.monotonic() + 60
        with httpx.Client() as client:
            while time.monotonic() < deadline and (at := tus.offset(url, client)) < len(CONTENT):
                response = tus.patch(url, at, CONTENT[at : at + 700_000], client)
                assert response.status_code in {204, 409, 423}, response.text

    senders = [threading.Thread(target=send) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert received(server, url) == CONTENT


def test_a_whole_upload_can_be_sent_with_its_beginning(server: RunningServer) -> None:
    headers = tus.VERSION | tus.BYTES | {"Upload-Length": str(len(CONTENT))}
    response = httpx.post(f"{server.url}/v1/uploads", headers=headers, content=CONTENT)
    assert response.status_code == 201
    assert response.headers["upload-offset"] == str(len(CONTENT))
    assert response.json()["is_finished"] is True
    assert received(server, f"/{response.json()['id']}") == CONTENT


def test_a_beginning_whose_answer_nobody_hears_leaves_nothing(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"POST /v1/uploads HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            "Tus-Resumable: 1.0.0\r\nUpload-Length: 100\r\nContent-Length: 100\r\n"
            "Content-Type: application/offset+octet-stream\r\n\r\nsound".encode()
        )
        wait_for_uploads(server, 1)
    wait_for_uploads(server, 0)


def test_what_was_stated_comes_back(server: RunningServer) -> None:
    url = tus.create(server.url, 10, filename="../Gespräch\n.wav", other="x")
    response = httpx.head(url)
    assert response.headers["upload-metadata"] == tus.metadata(
        filename="../Gespräch\n.wav", other="x"
    )
    assert response.headers["upload-length"] == "10"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["tus-resumable"] == "1.0.0"
    assert response.headers["upload-expires"].endswith("GMT")
    body = httpx.get(url).json()
    assert abs(body.pop("expires_at") - time.time() - 3600) < 10
    assert body == {
        "id": id_of(url),
        "object": "upload",
        "filename": "Gespräch.wav",
        "size_bytes": 10,
        "offset_bytes": 0,
        "is_finished": False,
    }


def test_options_says_what_is_spoken(start_server: StartServer) -> None:
    server = start_server(max_upload_bytes=1000)
    for path in ("", "/", f"/{'0' * 32}"):
        response = httpx.options(f"{server.url}/v1/uploads{path}")
        assert response.status_code == 204
        assert response.headers["tus-version"] == "1.0.0"
        assert response.headers["tus-max-size"] == "1000"
        assert "termination" in response.headers["tus-extension"].split(",")


def test_an_upload_is_removed_on_request_even_while_it_is_sent(server: RunningServer) -> None:
    url = tus.create(server.url, 1000)
    with tus.begin_patch(url, 0, b"sound", 1000):
        wait_for_offset(url, 5)
        assert httpx.delete(url, headers=tus.VERSION).status_code == 204
    for response in (
        httpx.delete(url, headers=tus.VERSION),
        httpx.get(url),
        httpx.head(url),
        tus.patch(url, 5, b"x"),
    ):
        assert response.status_code == 404
        assert response.headers["tus-resumable"] == "1.0.0"
    assert list(server.uploads.space.folder.iterdir()) == []


def test_only_post_may_pass_a_proxy(server: RunningServer) -> None:
    url = tus.create(server.url, 5)
    sent = tus.VERSION | tus.BYTES | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert httpx.post(url, headers=sent, content=b"sound").status_code == 204
    assert received(server, url) == b"sound"
    deleted = httpx.post(url, headers=tus.VERSION | {"X-HTTP-Method-Override": "DELETE"})
    assert deleted.status_code == 204
    assert httpx.post(url, headers=tus.VERSION).status_code == 405


@pytest.mark.parametrize(
    ("headers", "status", "parameter"),
    [
        ({"Upload-Length": "5", "Tus-Resumable": "0.2.2"}, 412, "Tus-Resumable"),
        ({}, 400, "Upload-Length"),
        ({"Upload-Length": "-5"}, 400, "Upload-Length"),
        ({"Upload-Length": "5.0"}, 400, "Upload-Length"),
        ({"Upload-Length": "9" * 30}, 400, "Upload-Length"),
        ({"Upload-Length": "0"}, 400, "file"),
        ({"Upload-Length": "1001"}, 413, "file"),
        ({"Upload-Defer-Length": "1"}, 400, "Upload-Defer-Length"),
        ({"Upload-Length": "5", "Upload-Concat": "partial"}, 400, "Upload-Concat"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename ???"}, 400, "Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "a" * 9000}, 400, "Upload-Metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": "sha256 YWJj"}, 400, "Upload-Metadata"),
    ],
)
def test_a_beginning_that_makes_no_sense_is_refused_with_what_is_wrong(
    start_server: StartServer, headers: dict[str, str], status: int, parameter: str
) -> None:
    server = start_server(max_upload_bytes=1000)
    response = httpx.post(f"{server.url}/v1/uploads", headers=tus.VERSION | headers)
    assert response.status_code == status, response.text
    assert error_of(response)["param"] == parameter
    assert response.headers["tus-version"] == "1.0.0"
    assert not server.uploads.space.folder.exists()


@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({"Upload-Offset": "1"}, b"x", 409, "wrong_offset"),
        ({"Upload-Offset": "3"}, b"sounds", 413, "file_too_large"),
        ({"Upload-Offset": "x"}, b"x", 400, "invalid_value"),
        ({}, b"x", 400, "invalid_value"),
        ({"Upload-Offset": "3", "Content-Type": "audio/wav"}, b"x", 415, "wrong_content_type"),
        ({"Upload-Offset": "3", "Tus-Resumable": "2"}, b"x", 412, "unsupported_protocol"),
    ],
)
def test_bytes_that_do_not_fit_are_refused_and_change_nothing(
    server: RunningServer, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    url = tus.create(server.url, 8)
    assert tus.patch(url, 0, b"abc").status_code == 204
    response = httpx.patch(url, headers=tus.VERSION | tus.BYTES | headers, content=content)
    assert response.status_code == status, response.text
    assert error_of(response)["code"] == code
    assert tus.offset(url) == 3


def test_sending_the_last_piece_again_says_that_it_is_there(server: RunningServer) -> None:
    url = tus.create(server.url, 5)
    assert tus.patch(url, 0, b"sound").status_code == 204
    assert tus.patch(url, 5, b"").headers["upload-offset"] == "5"
    assert tus.patch(url, 0, b"sound").status_code == 409
    assert received(server, url) == b"sound"


def test_what_is_not_what_was_hashed_is_a_460_and_gone(server: RunningServer) -> None:
    url = tus.create(server.url, 5, sha256=hashlib.sha256(b"noise").hexdigest().upper())
    response = tus.patch(url, 0, b"sound")
    assert response.status_code == 460
    assert error_of(response)["code"] == "wrong_checksum"
    assert httpx.head(url).status_code == 404


def test_an_upload_for_which_there_is_no_space_is_a_507(
    start_server: StartServer, tmp_path: Path
) -> None:
    free = 5_000_000
    space = DiskSpace(tmp_path / "uploads", 1_000_000, lambda _: free)
    server = start_server(uploads=FileUploads(space, 1 << 30, 3600))
    url = tus.create(server.url, len(CONTENT))
    headers = tus.VERSION | {"Upload-Length": "1000001"}
    refused = httpx.post(f"{server.url}/v1/uploads", headers=headers)
    assert refused.status_code == 507
    assert error_of(refused)["code"] == "out_of_disk"
    form = httpx.post(f"{server.url}/v1/audio/transcriptions", files={"file": bytes(1_000_001)})
    assert form.status_code == 507
    assert tus.patch(url, 0, CONTENT[:1_000_000]).status_code == 204
    free = 1_000_000  # somebody else filled the disk
    assert tus.patch(url, 1_000_000, CONTENT[1_000_000:]).status_code == 507
    free = 5_000_000
    assert tus.patch(url, tus.offset(url), CONTENT[tus.offset(url) :]).status_code == 204
    assert received(server, url) == CONTENT


def test_what_expired_is_gone_and_is_swept_when_the_server_starts(
    start_server: StartServer, tmp_path: Path
) -> None:
    url = tus.create(start_server().url, 10)
    later = FileUploads(DiskSpace(tmp_path / "uploads", 0), 1000, 3600, lambda: time.time() + 3601)
    server = start_server(uploads=later)
    wait_for_uploads(server, 0)
    assert httpx.get(f"{server.url}/v1/uploads/{id_of(url)}").status_code == 404


def test_what_expired_and_is_not_yet_swept_is_a_410(
    start_server: StartServer, tmp_path: Path
) -> None:
    now = time.time()
    uploads = FileUploads(DiskSpace(tmp_path / "uploads", 0), 1000, 3600, lambda: now)
    url = tus.create(start_server(uploads=uploads).url, 10)
    now = time.time() + 3601
    for response in (httpx.head(url), tus.patch(url, 0, b"x"), httpx.get(url)):
        assert response.status_code == 410


NOT_OURS = ("..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2fetc", "a%00b", "x" * 32, "%C3%A9")


@pytest.mark.parametrize("method", ["HEAD", "GET", "PATCH", "DELETE"])
def test_an_id_that_is_none_of_ours_is_not_found(server: RunningServer, method: str) -> None:
    for name in NOT_OURS:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(
                f"{method} /v1/uploads/{name} HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
                "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 0\r\n"
                f"Content-Type: {tus.BYTES['Content-Type']}\r\nConnection: close\r\n\r\n".encode()
            )
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 404"), answer


def test_pages_of_other_sites_cannot_upload(server: RunningServer) -> None:
    headers = tus.VERSION | {"Upload-Length": "5", "Origin": "http://evil.example"}
    assert httpx.post(f"{server.url}/v1/uploads", headers=headers).status_code == 403


def test_a_server_below_a_path_of_a_proxy_is_found_again(server: RunningServer) -> None:
    headers = tus.VERSION | {"Upload-Length": "5"}
    response = httpx.post(f"{server.url}/v1/uploads", headers=headers)
    public = httpx.URL("https://example.org/quoth/v1/uploads")
    assert public.join(response.headers["location"]).path.startswith("/quoth/v1/uploads/")


LATIN = st.text(alphabet=st.characters(max_codepoint=255))


@given(length=LATIN | st.integers().map(str), metadata=LATIN)
def test_no_header_is_more_than_a_400(length: str, metadata: str) -> None:
    sent = {"upload-length": length, "upload-metadata": metadata}
    raw = [(name.encode(), text.encode("latin-1")) for name, text in sent.items()]
    try:
        stated = headers_of_tus.stated(Headers(raw=raw))
    except InputError:
        return
    assert stated.size_bytes == int(length)
    assert stated.metadata == metadata
    assert metadata.isprintable()


def test_sixty_four_uploads_at_once_are_all_whole(server: RunningServer) -> None:
    content = os.urandom(200_000)
    with httpx.Client(limits=httpx.Limits(max_connections=64)) as client:
        urls = [tus.create(server.url, len(content), client) for _ in range(64)]
        threads = [
            threading.Thread(target=tus.patch, args=(url, 0, content, client)) for url in urls
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(received(server, url) == content for url in urls)
