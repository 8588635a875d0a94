"""What everything that keeps uploads keeps to: a folder, and a bucket."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quoth.adapters.storage.bucket_upload_pieces import PIECE_BYTES
from quoth.adapters.storage.bucket_uploads import BucketUploads
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.domain.errors import EmptyFile, FileTooLarge
from quoth.domain.upload_errors import (
    LongerThanStated,
    TooManyUnfinishedUploads,
    TooManyUploads,
    UploadBusy,
    UploadExpired,
    UploadNotFound,
    UploadUnfinished,
    WrongChecksum,
    WrongOffset,
)
from quoth.domain.uploads import NewUpload
from quoth.ports.uploads import Uploads

HOUR = 3600.0
MOST_BYTES = 64 << 20
TALK = NewUpload(10, "Gespräch.wav", None, "filename R2VzcHLDpGNoLndhdg==", "ana")

Open = Callable[[float], Uploads]
"""Opens the same uploads once more, as another server would, so many seconds later."""


@pytest.fixture(params=["folder", "bucket"])
def open_uploads(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    here = DiskSpace(tmp_path / "here", 0)
    if request.param == "folder":

        def open_folder(later: float = 0.0) -> Uploads:
            return FileUploads(
                here, MOST_BYTES, HOUR, lambda: time.time() + later, max_uploads=4, max_unfinished=2
            )

        yield open_folder
        return
    bucket = request.getfixturevalue("bucket_server").bucket()

    def open_bucket(later: float = 0.0) -> Uploads:
        return BucketUploads(
            bucket,
            here,
            MOST_BYTES,
            HOUR,
            lambda: time.time() + later,
            max_uploads=4,
            max_unfinished=2,
        )

    yield open_bucket


@pytest.fixture
def uploads(open_uploads: Open) -> Uploads:
    return open_uploads(0.0)


def send(uploads: Uploads, upload_id: str, offset: int, content: bytes) -> int:
    writer = uploads.append(upload_id, offset)
    writer.write(content)
    return writer.close().offset_bytes


def whole(uploads: Uploads, content: bytes, sha256: str | None = None) -> str:
    begun = uploads.create(NewUpload(len(content), "talk.wav", sha256))
    send(uploads, begun.id, 0, content)
    return begun.id


def test_what_was_stated_is_told_by_every_server(open_uploads: Open) -> None:
    begun = open_uploads(0.0).create(TALK)
    found = open_uploads(0.0).find(begun.id)
    assert found == begun
    assert (found.stated, found.offset_bytes, found.is_finished) == (TALK, 0, False)
    assert found.expires == pytest.approx(time.time() + HOUR, abs=10)


def test_pieces_that_come_to_several_servers_make_the_whole(
    open_uploads: Open, tmp_path: Path
) -> None:
    content = os.urandom(100_000)
    begun = open_uploads(0.0).create(
        NewUpload(len(content), None, hashlib.sha256(content).hexdigest())
    )
    at = 0
    for size in (1, 10, 49_989, 50_000):
        server = open_uploads(0.0)
        assert not server.find(begun.id).is_finished
        at = send(server, begun.id, at, content[at : at + size])
    other = open_uploads(0.0)
    assert other.find(begun.id).is_finished
    assert other.finished(begun.id).size_bytes == len(content)
    lent = other.lend(begun.id, tmp_path / "lent")
    assert lent.path == tmp_path / "lent"
    assert lent.path.read_bytes() == content
    other.remove(begun.id)
    assert lent.path.read_bytes() == content
    with pytest.raises(UploadNotFound):
        open_uploads(0.0).find(begun.id)


def test_a_piece_of_many_megabytes_comes_whole(uploads: Uploads, tmp_path: Path) -> None:
    content = os.urandom(2 * PIECE_BYTES + 12_345)
    begun = uploads.create(NewUpload(len(content), None, hashlib.sha256(content).hexdigest()))
    writer = uploads.append(begun.id, 0)
    for start in range(0, len(content), 1 << 20):
        writer.write(content[start : start + (1 << 20)])
    assert writer.close().is_finished
    path = uploads.lend(begun.id, tmp_path / "lent").path
    assert path is not None
    assert path.read_bytes() == content


def test_of_two_who_write_at_the_same_place_one_is_kept_and_the_other_told(
    open_uploads: Open, tmp_path: Path
) -> None:
    one, other = open_uploads(0.0), open_uploads(0.0)
    begun = one.create(NewUpload(12))
    assert send(one, begun.id, 0, b"abc") == 3
    first = one.append(begun.id, 3)
    first.write(b"def")
    with pytest.raises((UploadBusy, WrongOffset)):  # at once, or when what was sent is kept
        _write_and_close(other, begun.id, 3, b"xyz", first.close)
    assert send(other, begun.id, 6, b"ghijkl") == 12
    path = one.lend(begun.id, tmp_path / "lent").path
    assert path is not None
    assert path.read_bytes() == b"abcdefghijkl"


def _write_and_close(
    uploads: Uploads, upload_id: str, offset: int, content: bytes, first: Callable[[], object]
) -> None:
    """Write beside a writer that is done before this one is."""
    try:
        writer = uploads.append(upload_id, offset)
    except (UploadBusy, WrongOffset):
        first()
        raise
    writer.write(content)
    first()
    writer.close()


def test_bytes_for_another_place_and_too_many_are_refused(uploads: Uploads) -> None:
    begun = uploads.create(NewUpload(5))
    with pytest.raises(WrongOffset, match="stands at byte 0"):
        uploads.append(begun.id, 3)
    writer = uploads.append(begun.id, 0)
    writer.write(b"sou")
    with pytest.raises(LongerThanStated):
        writer.write(b"nds")
    assert writer.close().offset_bytes == 3
    with pytest.raises(UploadUnfinished, match="3 of 5 bytes"):
        uploads.finished(begun.id)


def test_what_is_not_what_was_hashed_is_gone(uploads: Uploads) -> None:
    begun = uploads.create(NewUpload(5, None, hashlib.sha256(b"noise").hexdigest()))
    writer = uploads.append(begun.id, 0)
    writer.write(b"sound")
    with pytest.raises(WrongChecksum, match="removed"):
        writer.close()
    with pytest.raises(UploadNotFound):
        uploads.find(begun.id)


def test_limits_hold_for_all_servers(open_uploads: Open) -> None:
    one, other = open_uploads(0.0), open_uploads(0.0)
    with pytest.raises(EmptyFile):
        one.create(NewUpload(0))
    with pytest.raises(FileTooLarge):
        one.create(NewUpload(MOST_BYTES + 1))
    begun = one.create(NewUpload(1, owner="ana"))
    other.create(NewUpload(1, owner="ana"))
    for server in (one, other):
        with pytest.raises(TooManyUnfinishedUploads):
            server.create(NewUpload(1, owner="ana"))
    send(other, begun.id, 0, b"x")
    one.create(NewUpload(1, owner="ana"))
    other.create(NewUpload(1, owner="ben"))
    with pytest.raises(TooManyUploads):
        one.create(NewUpload(1, owner="cem"))


def test_what_expired_is_told_so_and_swept_by_any_server(open_uploads: Open) -> None:
    one = open_uploads(0.0)
    unfinished, finished = one.create(NewUpload(10)).id, whole(one, b"sound")
    one.sweep()
    assert one.find(unfinished)
    later = open_uploads(HOUR + 5)
    for upload_id in (unfinished, finished):
        for ask in (later.find, later.append, later.finished, later.remove):
            with pytest.raises(UploadExpired):
                ask(upload_id)
    later.sweep()
    for upload_id in (unfinished, finished):
        with pytest.raises(UploadNotFound) as gone:
            one.find(upload_id)
        assert not isinstance(gone.value, UploadExpired)


def test_an_upload_that_one_makes_a_job_of_is_for_no_other(open_uploads: Open) -> None:
    one, other = open_uploads(0.0), open_uploads(0.0)
    upload_id = whole(one, b"sound")
    with (
        one.held([upload_id, upload_id, "0" * 32]),
        pytest.raises(UploadBusy),
        other.held([upload_id]),
    ):
        pass
    with other.held([upload_id]):
        assert other.finished(upload_id).size_bytes == 5


def test_what_is_sent_to_an_upload_that_was_removed_is_nobodys(open_uploads: Open) -> None:
    one, other = open_uploads(0.0), open_uploads(0.0)
    begun = one.create(NewUpload(10))
    writer = one.append(begun.id, 0)
    writer.write(b"sound")
    other.remove(begun.id)
    with pytest.raises(UploadNotFound):
        writer.close()
    with pytest.raises(UploadNotFound):
        other.find(begun.id)


@pytest.mark.parametrize("upload_id", ["", ".", "../x", "a" * 31, "A" * 32, "é" * 32, "a" * 32])
def test_an_id_that_is_none_of_ours_is_not_found(
    uploads: Uploads, upload_id: str, tmp_path: Path
) -> None:
    for ask in (uploads.find, uploads.append, uploads.finished, uploads.remove):
        with pytest.raises(UploadNotFound):
            ask(upload_id)
    with pytest.raises(UploadNotFound):
        uploads.lend(upload_id, tmp_path / "lent")
