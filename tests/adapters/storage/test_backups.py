"""Backups: written, proved, refused, put in place, and what a crash leaves."""

import fcntl
import io
import json
import multiprocessing
import os
import signal
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quoth.adapters.storage import replacing
from quoth.adapters.storage.backup_format import FORMAT, MANIFEST, ORIGIN, render_origin
from quoth.adapters.storage.backup_reading import read_backup
from quoth.adapters.storage.backup_writing import BackupWriter
from quoth.adapters.storage.restoring import Restorer
from quoth.domain.backup_errors import (
    AnotherDatabase,
    BackupFailed,
    JobsInTheWay,
    NewerBackup,
    UnusableBackup,
)
from quoth.domain.backups import Origin
from quoth.domain.job_errors import DataInUse

HERE = Origin("0.1.0", 1_700_000_000.0, schema=1, has_database=True, format=FORMAT)
JOB = "a" * 32
FILES = {
    f"jobs/{JOB}/transcript.json": b'{"text": "what was said"}',
    f"jobs/{JOB}/source": bytes(range(256)) * 20,
    f"jobs/{JOB}/edits.jsonl": b"{}\n{}\n",
    "webhook-secret": b"whsec_abc",
}
PASSING = {
    f"jobs/{JOB}/audio.s16": b"samples",
    f"jobs/{JOB}/.source.1.part": b"half",
    "models/whisper/model.bin": b"weights",
    "uploads/1/content": b"half",
    "work/work-1/spooled": b"half",
    "before-restore-2026/jobs/1/source": b"old",
    ".serving": b"",
}


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != ".serving"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def written(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    data = put(folder / "from", FILES if files is None else files)
    target = folder / "backup.tar"
    BackupWriter(data, HERE).write(target)
    return target


def restorer(data: Path) -> Restorer:
    return Restorer(data, schema=HERE.schema, has_database=True)


def test_what_is_kept_comes_back_and_work_in_progress_stays_out(tmp_path: Path) -> None:
    backup = written(tmp_path, FILES | PASSING)
    restored = restorer(tmp_path / "to").restore(backup)
    assert contents(tmp_path / "to") == FILES
    assert restored.aside is None
    assert restored.manifest.jobs == 1
    assert restored.manifest == read_backup(backup)


def test_models_go_along_when_asked_for(tmp_path: Path) -> None:
    data = put(tmp_path / "from", FILES | PASSING)
    BackupWriter(data, HERE, with_models=True).write(tmp_path / "backup.tar")
    restorer(tmp_path / "to").restore(tmp_path / "backup.tar")
    assert contents(tmp_path / "to")["models/whisper/model.bin"] == b"weights"


def test_a_backup_and_secrets_in_it_are_for_their_owner_alone(tmp_path: Path) -> None:
    data = put(tmp_path / "from", FILES)
    (data / "webhook-secret").chmod(0o600)
    BackupWriter(data, HERE).write(tmp_path / "backup.tar")
    restorer(tmp_path / "to").restore(tmp_path / "backup.tar")
    for path in (tmp_path / "backup.tar", tmp_path / "to/webhook-secret"):
        assert path.stat().st_mode & 0o077 == 0


NOT_KEPT = {".", "..", "audio.s16", ".serving"}
"""What is no name, what can be made again, and the lock, which `contents` leaves out."""


@given(
    files=st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60)
        .filter(lambda name: len(name.encode()) < 120 and name not in NOT_KEPT)
        .filter(lambda name: not name.endswith((".part", "-wal", "-shm", "-journal")))
        .map(lambda name: f"jobs/{JOB}/{name}"),
        st.binary(max_size=3000),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None)
def test_files_of_any_name_and_content_come_back_as_they_were(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        backup = written(Path(name), files)
        restorer(Path(name) / "to").restore(backup)
        assert contents(Path(name) / "to") == files


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_backup_is_refused_or_gives_what_was_kept(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        backup = written(folder)
        whole = bytearray(backup.read_bytes())
        cut = data.draw(st.booleans())
        place = data.draw(st.integers(0, len(whole) - 1))
        if cut:
            del whole[place:]
        else:
            whole[place] ^= data.draw(st.integers(1, 255))
        backup.write_bytes(whole)
        there = put(folder / "to", {f"jobs/{'b' * 32}/source": b"mine"})
        try:
            restorer(there).restore(backup, replaces=True)
        except (UnusableBackup, NewerBackup, AnotherDatabase):
            assert contents(there) == {f"jobs/{'b' * 32}/source": b"mine"}
        else:
            kept = contents(there)
            assert {name: kept[name] for name in FILES} == FILES


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    origin = tarfile.TarInfo(ORIGIN)
    with tarfile.open(path, "w") as tar:
        for member, content in [(origin, render_origin(HERE)), *members]:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


@pytest.mark.parametrize(
    "hostile",
    [
        member("data/../escaped"),
        member("data//escaped"),
        member("/escaped"),
        member("escaped"),
        member("data/jobs/../../../escaped"),
        member("data/jobs/./escaped"),
        member("data/.serving"),
        member("data/.restoring.json"),
        member("data/before-restore-1/escaped"),
        member("data/"),
        member("data/escaped", tarfile.SYMTYPE, "/etc/passwd"),
        member("data/escaped", tarfile.LNKTYPE, "data/../../escaped"),
        member("data/escaped", tarfile.FIFOTYPE),
        member("data/escaped", tarfile.CHRTYPE),
        member("data/escaped", tarfile.DIRTYPE),
    ],
    ids=lambda made: f"{made.name} {made.type!r}",
)
def test_what_does_not_belong_in_a_backup_is_refused_unwritten(
    tmp_path: Path, hostile: tarfile.TarInfo
) -> None:
    backup = archive(tmp_path / "backup.tar", (hostile, b""))
    with pytest.raises(UnusableBackup, match="does not belong"):
        restorer(tmp_path / "deep/to").restore(backup)
    assert contents(tmp_path) == {"backup.tar": backup.read_bytes()}


def test_a_file_twice_is_refused(tmp_path: Path) -> None:
    twice = [(member("data/jobs/1"), b"one"), (member("data/jobs/1"), b"two")]
    with pytest.raises(UnusableBackup, match="twice"):
        restorer(tmp_path / "to").restore(archive(tmp_path / "backup.tar", *twice))


@pytest.mark.parametrize(
    ("listed", "problem"),
    [
        ({}, "does not belong"),
        ({"jobs/1": [3, "0" * 64]}, "damaged"),
        ({"jobs/1": [3, "0" * 64], "jobs/0": [1, "0" * 64]}, "'jobs/0' is missing"),
        ({"jobs/1": 3}, "damaged"),
        ([], "lists no files"),
    ],
)
def test_a_manifest_that_tells_of_other_files_is_refused(
    tmp_path: Path, listed: object, problem: str
) -> None:
    manifest = json.loads(render_origin(HERE)) | {"files": listed}
    members = [(member("data/jobs/1"), b"one"), (member(MANIFEST), json.dumps(manifest).encode())]
    with pytest.raises(UnusableBackup, match=problem):
        restorer(tmp_path / "to").restore(archive(tmp_path / "backup.tar", *members))
    assert contents(tmp_path / "to") == {}


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "whole tar"), (b"no tar" * 500, "whole tar"), (None, "No such file")],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "backup.tar").write_bytes(content)
    with pytest.raises(UnusableBackup, match=problem):
        restorer(tmp_path / "to").restore(tmp_path / "backup.tar")


def test_another_tar_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        tar.addfile(member("holiday.jpg"))
    with pytest.raises(UnusableBackup, match="not made by"):
        read_backup(tmp_path / "backup.tar")


@pytest.mark.parametrize("newer", [{"format": FORMAT + 1}, {"schema": HERE.schema + 1}])
def test_a_backup_of_a_newer_quoth_is_refused_by_its_first_words(
    tmp_path: Path, newer: dict[str, int]
) -> None:
    origin = replace(HERE, version="9.1.0", **newer)  # type: ignore[arg-type]
    BackupWriter(put(tmp_path / "from", FILES), origin).write(tmp_path / "backup.tar")
    with pytest.raises(NewerBackup, match=r"9\.1\.0"):
        restorer(tmp_path / "to").restore(tmp_path / "backup.tar")
    assert contents(tmp_path / "to") == {}


def test_rows_in_postgres_and_rows_in_a_file_are_not_mixed_up(tmp_path: Path) -> None:
    data = put(tmp_path / "from", FILES | {"jobs.sqlite": b"of long ago"})
    outside = replace(HERE, has_database=False)
    manifest = BackupWriter(data, outside).write(tmp_path / "backup.tar")
    assert set(manifest.files) == set(FILES)
    with pytest.raises(AnotherDatabase, match="pg_restore"):
        restorer(tmp_path / "to").restore(tmp_path / "backup.tar")
    assert contents(tmp_path / "to") == {}
    with_postgres = Restorer(tmp_path / "to", schema=1, has_database=False)
    with_postgres.restore(tmp_path / "backup.tar")
    assert contents(tmp_path / "to") == FILES
    with pytest.raises(AnotherDatabase, match="Unset"):
        with_postgres.restore(written(tmp_path / "other"), replaces=True)


def test_jobs_are_replaced_only_when_asked_for_and_then_moved_aside(tmp_path: Path) -> None:
    backup = written(tmp_path)
    mine = {f"jobs/{'b' * 32}/source": b"mine", "jobs.sqlite-wal": b"rows"}
    passing = {"models/m/model.bin": b"weights", "uploads/1/content": b"half"}
    data = put(tmp_path / "to", mine | passing)
    with pytest.raises(JobsInTheWay, match="1 jobs"):
        restorer(data).restore(backup)
    assert contents(data) == mine | passing
    aside = restorer(data).restore(backup, replaces=True).aside
    assert aside is not None
    assert contents(aside) == mine
    kept = {f"{aside.name}/{name}": content for name, content in mine.items()}
    assert contents(data) == FILES | passing | kept


def test_nothing_is_restored_under_a_server_at_work(tmp_path: Path) -> None:
    backup = written(tmp_path)
    (tmp_path / "to").mkdir()
    with (tmp_path / "to/.serving").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DataInUse, match="Stop it"):
            restorer(tmp_path / "to").restore(backup)
    restorer(tmp_path / "to").restore(backup)
    assert contents(tmp_path / "to") == FILES


def _die_at_rename(data: Path, backup: Path, number: int) -> None:
    """Restore in a process that is killed instead of its nth rename."""
    count = 0
    rename = Path.rename

    def renamed(path: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count > number:
            os.kill(os.getpid(), signal.SIGKILL)
        return rename(path, target)

    Path.rename = renamed  # type: ignore[assignment,method-assign]
    restorer(data).restore(backup, replaces=True)


@pytest.mark.parametrize("number", range(7))
def test_a_restore_that_is_killed_anywhere_leaves_the_old_or_the_new(
    tmp_path: Path, number: int
) -> None:
    backup = written(tmp_path)
    mine = {f"jobs/{'b' * 32}/source": b"mine", "jobs.sqlite": b"rows", "queue.sqlite": b"q"}
    data = put(tmp_path / "to", mine)
    child = multiprocessing.get_context("fork").Process(
        target=_die_at_rename, args=(data, backup, number)
    )
    child.start()
    child.join(30)
    was_killed = child.exitcode == -signal.SIGKILL
    assert replacing.is_interrupted(data) == (was_killed and number > 0)
    if replacing.is_interrupted(data):
        with pytest.raises(BackupFailed, match="interrupted"):
            BackupWriter(data, HERE).write(tmp_path / "other.tar")
    replacing.undo_interrupted(data)
    there = contents(data)
    if was_killed:
        assert there == mine
    else:
        assert {name: there[name] for name in FILES} == FILES
    assert list(data.glob(".restoring*")) == []


def test_what_cannot_be_moved_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = {"a": b"1", "b": b"2"}
    data = put(tmp_path / "to", mine | {".restoring-1/a": b"new"})
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "b" and target.parent.name == "aside":
            raise OSError("a disk is mounted here")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="mounted"):
        replacing.put_in_place(data, data / ".restoring-1", ["a", "b"], data / "aside")
    assert contents(data) == mine


def test_a_backup_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    target = written(tmp_path)
    before = target.read_bytes()

    def fail(done: int, _total: int) -> None:
        if done > 1000:
            raise OSError("the network drive is gone")

    with pytest.raises(BackupFailed, match="network drive"):
        BackupWriter(tmp_path / "from", HERE).write(target, fail)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "from"]


def test_a_damaged_database_is_not_backed_up_in_silence(tmp_path: Path) -> None:
    data = put(tmp_path / "from", FILES | {"jobs.sqlite": b"no database" * 1000})
    with pytest.raises(BackupFailed, match="not a database"):
        BackupWriter(data, HERE).write(tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()


def test_a_folder_that_is_not_there_is_no_empty_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="not there"):
        BackupWriter(tmp_path / "from", HERE).write(tmp_path / "backup.tar")


def test_progress_reaches_the_end_when_writing_and_reading(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    report: Callable[[int, int], None] = lambda *each: seen.append(each)  # noqa: E731
    BackupWriter(put(tmp_path / "from", FILES), HERE).write(tmp_path / "backup.tar", report)
    assert seen[-1] == (sum(map(len, FILES.values())),) * 2
    read_backup(tmp_path / "backup.tar", progress=report)
    assert seen[-1] == ((tmp_path / "backup.tar").stat().st_size,) * 2
