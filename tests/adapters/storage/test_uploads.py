"""Uploads as files: offsets, hashes, space, expiry, and what a crash leaves."""

import errno
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.domain.errors import EmptyFile, FileTooLarge, LowOnDisk, OutOfDisk, UnusableFolder
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
from quoth.domain.uploads import NewUpload, display_name

HOUR = 3600.0
WRITE = """
import sys, time
from pathlib import Path
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
writer = FileUploads(DiskSpace(Path(sys.argv[1]), 0), 1 << 30, 3600).append(sys.argv[2])
writer.write(sys.stdin.buffer.read(int(sys.argv[3])))
print("written", flush=True)
time.sleep(60)
"""


def keep(
    folder: Path,
    free: Callable[[Path], int] = lambda _: 1 << 40,
    later: float = 0.0,
    kept_bytes: int = 0,
) -> FileUploads:
    space = DiskSpace(folder, kept_bytes, free)
    return FileUploads(space, 1 << 20, HOUR, lambda: time.time() + later)


def upload(uploads: FileUploads, content: bytes, sha256: str | None = None) -> str:
    begun = uploads.create(NewUpload(len(content), "talk.wav", sha256))
    writer = uploads.append(begun.id, 0)
    writer.write(content)
    writer.close()
    return begun.id


@settings(deadline=None, max_examples=30)  # the disk may take its time
@given(pieces=st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=20))
def test_pieces_of_any_size_make_the_whole(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    uploads = keep(tmp_path_factory.mktemp("uploads"))
    whole = b"".join(pieces)
    begun = uploads.create(NewUpload(len(whole), None, hashlib.sha256(whole).hexdigest()))
    for piece in pieces:
        assert not uploads.find(begun.id).is_finished
        writer = uploads.append(begun.id, uploads.find(begun.id).offset_bytes)
        writer.write(piece)
        writer.close()
    assert uploads.find(begun.id).is_finished
    path = uploads.finished(begun.id).path
    assert path is not None
    assert path.read_bytes() == whole


def test_an_upload_that_is_lent_stays_an_upload_until_it_is_removed(tmp_path: Path) -> None:
    uploads = keep(tmp_path / "uploads")
    upload_id = upload(uploads, b"sound")
    taken = uploads.lend(upload_id, tmp_path / "audio")
    assert (taken.path, taken.filename, taken.size_bytes) == (tmp_path / "audio", "talk.wav", 5)
    uploads.lend(upload_id, tmp_path / "again")
    uploads.remove(upload_id)
    assert (tmp_path / "audio").read_bytes() == (tmp_path / "again").read_bytes() == b"sound"
    assert list((tmp_path / "uploads").iterdir()) == []
    with pytest.raises(UploadNotFound):
        uploads.lend(upload_id, tmp_path / "too late")


def test_an_upload_that_is_not_whole_cannot_be_lent(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    begun = uploads.create(NewUpload(10))
    with pytest.raises(UploadUnfinished, match="0 of 10 bytes"):
        uploads.lend(begun.id, tmp_path / "audio")
    assert uploads.find(begun.id) == begun


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second disk")  # noqa: S108
def test_an_upload_can_be_lent_to_another_disk(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    target = Path("/dev/shm") / f"quoth-test-{os.getpid()}"  # noqa: S108
    try:
        uploads.lend(upload(uploads, b"sound"), target)
        assert target.read_bytes() == b"sound"
        assert list(target.parent.glob(f"{target.name}*")) == [target]
    finally:
        target.unlink(missing_ok=True)


def test_bytes_for_another_place_are_refused(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    begun = uploads.create(NewUpload(10))
    for offset in (1, 10, 10**15):
        with pytest.raises(WrongOffset, match="stands at byte 0"):
            uploads.append(begun.id, offset)
    uploads.append(begun.id, 0).close()  # nothing was left locked


def test_more_than_was_stated_is_refused_and_what_came_before_stays(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    begun = uploads.create(NewUpload(5))
    writer = uploads.append(begun.id, 0)
    writer.write(b"sou")
    with pytest.raises(LongerThanStated):
        writer.write(b"nds")
    assert writer.close().offset_bytes == 3


@pytest.mark.parametrize(("size", "error"), [(0, EmptyFile), ((1 << 20) + 1, FileTooLarge)])
def test_an_upload_of_an_impossible_size_is_refused_at_its_beginning(
    tmp_path: Path, size: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        keep(tmp_path).create(NewUpload(size))
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_is_not_what_was_hashed_is_removed(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    with pytest.raises(WrongChecksum, match="removed"):
        upload(uploads, b"sound", hashlib.sha256(b"noise").hexdigest())
    assert list(tmp_path.iterdir()) == []


def test_a_hash_that_could_not_be_checked_before_a_crash_is_checked_before_use(
    tmp_path: Path,
) -> None:
    uploads = keep(tmp_path)
    right, wrong = (
        uploads.create(NewUpload(5, None, hashlib.sha256(content).hexdigest())).id
        for content in (b"sound", b"noise")
    )
    for upload_id in (right, wrong):
        (tmp_path / upload_id / "data").write_bytes(b"sound")  # killed right after the last byte
        assert not uploads.find(upload_id).is_finished
    assert uploads.finished(right).size_bytes == 5
    with pytest.raises(WrongChecksum):
        uploads.finished(wrong)


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    begun = uploads.create(NewUpload(5))
    first = uploads.append(begun.id, 0)
    with pytest.raises(UploadBusy):
        uploads.append(begun.id, 0)
    first.write(b"sound")
    first.close()
    assert uploads.append(begun.id, 5).close().is_finished


def test_a_killed_process_loses_nothing_it_wrote_and_lets_go(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    content = os.urandom(300_000)
    begun = uploads.create(NewUpload(400_000))
    other = subprocess.Popen(
        [sys.executable, "-c", WRITE, tmp_path, begun.id, "300000"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.write(content)
    other.stdin.flush()
    assert other.stdout.readline() == b"written\n"
    with pytest.raises(UploadBusy):
        uploads.append(begun.id)
    other.kill()
    other.communicate()
    assert uploads.append(begun.id, 300_000).close().offset_bytes == 300_000
    assert (tmp_path / begun.id / "data").read_bytes() == content


def test_what_others_were_promised_is_not_promised_again(tmp_path: Path) -> None:
    uploads = keep(tmp_path, free=lambda _: 1000, kept_bytes=100)
    first = uploads.create(NewUpload(600))
    with pytest.raises(LowOnDisk, match="400 are free or not yet promised"):
        uploads.create(NewUpload(301))
    with pytest.raises(LowOnDisk):
        uploads.check_space(301)
    uploads.create(NewUpload(300))
    uploads.remove(first.id)
    uploads.create(NewUpload(600))


def test_not_more_are_kept_than_may_be(tmp_path: Path) -> None:
    uploads = replace(keep(tmp_path), max_uploads=2)
    first = uploads.create(NewUpload(1))
    uploads.create(NewUpload(1))
    with pytest.raises(TooManyUploads, match="2 uploads are kept"):
        uploads.create(NewUpload(1))
    uploads.remove(first.id)
    uploads.create(NewUpload(1))


def test_one_owner_has_not_more_unfinished_than_one_may(tmp_path: Path) -> None:
    uploads = replace(keep(tmp_path), max_unfinished=2)
    first = uploads.create(NewUpload(1, owner="ana"))
    uploads.create(NewUpload(1, owner="ana"))
    with pytest.raises(TooManyUnfinishedUploads, match="2 of your uploads are unfinished"):
        uploads.create(NewUpload(1, owner="ana"))
    uploads.create(NewUpload(1, owner="ben"))
    writer = uploads.append(first.id, 0)
    writer.write(b"x")
    assert writer.close().is_finished
    uploads.create(NewUpload(1, owner="ana"))


def test_a_disk_that_others_fill_stops_an_upload_before_it_is_full(tmp_path: Path) -> None:
    free = 1000
    uploads = keep(tmp_path, free=lambda _: free, kept_bytes=100)
    begun = uploads.create(NewUpload(600))
    writer = uploads.append(begun.id, 0)
    writer.write(bytes(100))
    free = 150
    with pytest.raises(OutOfDisk, match="MIN_FREE_DISK_BYTES"):
        writer.write(bytes(100))
    assert writer.close().offset_bytes == 100
    free = 1000
    writer = uploads.append(begun.id, 100)
    writer.write(bytes(500))
    assert writer.close().is_finished


def test_what_nobody_goes_on_with_expires_and_is_swept(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    unfinished, whole = uploads.create(NewUpload(10)).id, upload(uploads, b"sound")
    (tmp_path / "other").mkdir()
    uploads.sweep()
    assert uploads.find(unfinished)
    later = keep(tmp_path, later=HOUR + 1)
    for upload_id in (unfinished, whole):
        for ask in (later.find, later.append, later.finished, later.remove):
            with pytest.raises(UploadExpired):
                ask(upload_id)
    later.check_space(1)
    later.sweep()
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    with pytest.raises(UploadNotFound) as failure:
        later.find(unfinished)
    assert not isinstance(failure.value, UploadExpired)


def test_what_is_being_written_is_not_swept(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    begun = uploads.create(NewUpload(10))
    writer = uploads.append(begun.id, 0)
    keep(tmp_path, later=HOUR + 1).sweep()
    writer.write(bytes(10))
    assert writer.close().is_finished


def test_every_byte_puts_the_end_off(tmp_path: Path) -> None:
    uploads = keep(tmp_path)
    begun = uploads.create(NewUpload(10))
    old = time.time() - HOUR / 2
    os.utime(tmp_path / begun.id / "data", (old, old))
    assert uploads.find(begun.id).expires == pytest.approx(time.time() + HOUR / 2, abs=5)
    writer = uploads.append(begun.id, 0)
    writer.write(b"s")
    assert writer.close().expires == pytest.approx(time.time() + HOUR, abs=5)


@pytest.mark.parametrize("record", ["", "{", "[]", '{"stated": {"size": 1}}', '{"is_finished": 1}'])
def test_a_record_that_cannot_be_read_is_an_upload_that_is_gone(
    tmp_path: Path, record: str
) -> None:
    uploads = keep(tmp_path)
    begun = uploads.create(NewUpload(10))
    (tmp_path / begun.id / "upload.json").write_text(record)
    with pytest.raises(UploadNotFound):
        uploads.append(begun.id)
    uploads.check_space(1)
    uploads.sweep()
    keep(tmp_path, later=HOUR + 1).sweep()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "upload_id", ["", ".", "..", "../x", "a" * 31, "a" * 33, "A" * 32, "é" * 32]
)
def test_an_id_that_is_none_of_ours_touches_nothing(tmp_path: Path, upload_id: str) -> None:
    uploads = keep(tmp_path / "uploads")
    (tmp_path / "data").write_bytes(b"private")
    for ask in (uploads.find, uploads.append, uploads.finished, uploads.remove):
        with pytest.raises(UploadNotFound):
            ask(upload_id)
    with pytest.raises(UploadNotFound):
        uploads.lend(upload_id, tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_without_locks_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = keep(tmp_path / "uploads")
    begun = uploads.create(NewUpload(1))

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)  # as NFS mounted without locks does
    with pytest.raises(UnusableFolder, match="cannot be locked"):
        uploads.create(NewUpload(1))
    with pytest.raises(UnusableFolder, match="cannot be locked"):
        uploads.append(begun.id)


def test_a_folder_that_cannot_be_made_is_said_in_words() -> None:
    with pytest.raises(UnusableFolder, match="QUOTH_DATA"):
        keep(Path("/proc/no")).create(NewUpload(1))


@given(st.text())
def test_a_name_is_fit_to_be_shown(text: str) -> None:
    name = display_name(text)
    assert name is None or (
        0 < len(name) <= 255
        and (name.isprintable() or not name.isascii())
        and not set(name) & set("/\\\n\r\t\0\u202e")
        and display_name(name) == name
    )


def test_names_keep_what_people_write_in_them() -> None:
    assert display_name("../../Gespräch 🎙️ (2).wav") == "Gespräch 🎙️ (2).wav"
    assert display_name("C:\\fakepath\\a.wav") == "a.wav"
    assert display_name("\r\n") is None


def test_what_was_stated_is_kept_as_it_came(tmp_path: Path) -> None:
    stated = NewUpload(10, "Gespräch.wav", "0" * 64, "filename R2VzcHLDpGNoLndhdg==, secret")
    begun = keep(tmp_path).create(stated)
    assert keep(tmp_path).find(begun.id) == replace(begun, stated=stated)
