"""Edit logs as files: what is left of them after accidents."""

import errno
import fcntl
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quoth.adapters.storage.edit_entries import entry_of, line_of
from quoth.adapters.storage.edit_lines import NAME
from quoth.adapters.storage.edit_logs import FileEditLogs
from quoth.domain.edit_errors import DamagedEditLog, StaleVersion, TranscriptGone
from quoth.domain.edits import RenameSpeaker, Undo
from quoth.domain.errors import OutOfDisk
from tests.edit_strategies import edits, machine_transcripts

ANN, BEN = RenameSpeaker("A", "Ann"), RenameSpeaker("B", "Bén")

APPEND = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from quoth.adapters.storage.edit_logs import FileEditLogs
from quoth.domain.edit_errors import StaleVersion
from quoth.domain.edits import RenameSpeaker
logs = FileEditLogs(Path(sys.argv[1]))
for number in range(20):
    while True:
        try:
            logs.append("job", [RenameSpeaker(sys.argv[2], str(number))], logs.read("job").version)
            break
        except StaleVersion:
            pass
"""


@pytest.fixture
def logs(tmp_path: Path) -> FileEditLogs:
    (tmp_path / "job").mkdir()
    return FileEditLogs(tmp_path)


@pytest.fixture
def file(logs: FileEditLogs) -> Path:
    """The file of a log with two entries."""
    logs.append("job", [ANN, BEN], logs.read("job").version)
    return logs.folder / "job" / NAME


def test_a_line_torn_anywhere_is_passed_over_and_cut_off_by_the_next(
    logs: FileEditLogs, file: Path
) -> None:
    content = file.read_bytes()
    second = content.index(b"\n") + 1
    for length in range(second, len(content)):
        file.write_bytes(content[:length])
        kept = logs.read("job")
        assert kept.entries == (ANN,)
        logs.append("job", [Undo()], kept.version)
        assert logs.read("job").entries == (ANN, Undo())
        assert file.read_bytes() == line_of(ANN) + line_of(Undo())


def test_a_last_line_with_zeros_for_pieces_that_never_came_is_torn_too(
    logs: FileEditLogs, file: Path
) -> None:
    file.write_bytes(line_of(ANN) + bytes(20) + line_of(BEN)[20:])
    assert logs.read("job").entries == (ANN,)


def test_damage_before_the_last_line_is_said_and_left_alone(logs: FileEditLogs, file: Path) -> None:
    damaged = b"{" + file.read_bytes()
    file.write_bytes(damaged)
    with pytest.raises(DamagedEditLog, match=r"edits\.jsonl cannot be read from line 1"):
        logs.read("job")
    with pytest.raises(DamagedEditLog):
        logs.append("job", [Undo()], "any")
    assert file.read_bytes() == damaged


@pytest.mark.parametrize(
    "last",
    [
        {"version": 2, "kind": "undo"},
        {"version": 1, "kind": "sing"},
        {"version": 1, "kind": "rename_speaker", "speaker": "A"},
        {"version": 1, "kind": "merge_speakers", "speaker": "A", "into": "A"},
        {"kind": "undo"},
        ["undo"],
    ],
)
def test_a_whole_line_that_this_quoth_does_not_understand_is_never_thrown_away(
    logs: FileEditLogs, file: Path, last: object
) -> None:
    content = file.read_bytes() + json.dumps(last).encode() + b"\n"
    file.write_bytes(content)
    with pytest.raises(DamagedEditLog, match="line 3"):
        logs.append("job", [Undo()], "any")
    assert file.read_bytes() == content


def test_two_processes_lose_none_of_one_anothers_edits(logs: FileEditLogs) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", APPEND, logs.folder, who]) for who in ("A", "B")
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    entries = logs.read("job").entries
    for who in ("A", "B"):
        theirs = [e.name for e in entries if isinstance(e, RenameSpeaker) and e.speaker == who]
        assert theirs == [str(number) for number in range(20)]


def test_who_waited_for_the_file_sees_what_was_written_meanwhile(
    logs: FileEditLogs, file: Path
) -> None:
    seen = logs.read("job").version
    with file.open("ab", buffering=0) as other, ThreadPoolExecutor(1) as pool:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = pool.submit(logs.append, "job", [ANN], seen)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        other.write(line_of(Undo()))
        fcntl.flock(other, fcntl.LOCK_UN)
        with pytest.raises(StaleVersion):
            waiting.result(30)
    assert logs.read("job").entries == (ANN, BEN, Undo())


def test_a_log_replaced_while_it_was_waited_for_is_not_written_beside(
    logs: FileEditLogs, file: Path
) -> None:
    seen, backup = logs.read("job").version, file.with_suffix(".bak")
    backup.write_bytes(file.read_bytes())
    with file.open("ab") as other, ThreadPoolExecutor(1) as pool:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = pool.submit(logs.append, "job", [ANN], seen)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        backup.replace(file)
        fcntl.flock(other, fcntl.LOCK_UN)
        with pytest.raises(StaleVersion):
            waiting.result(30)
    assert logs.read("job").entries == (ANN, BEN)


def test_a_full_disk_leaves_the_log_as_it_was(
    logs: FileEditLogs, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, write = file.read_bytes(), os.write

    def fills_up(descriptor: int, rest: bytes) -> int:
        if len(rest) > 20:
            return write(descriptor, rest[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fills_up)
    with pytest.raises(OutOfDisk):
        logs.append("job", [ANN], logs.read("job").version)
    assert file.read_bytes() == content


def test_a_log_put_back_from_a_backup_and_written_on_is_another_version(
    logs: FileEditLogs, file: Path
) -> None:
    seen = logs.read("job").version
    file.write_bytes(line_of(ANN))
    logs.append("job", [Undo()], logs.read("job").version)
    with pytest.raises(StaleVersion):
        logs.append("job", [Undo()], seen)


def test_a_job_deleted_in_the_middle_gets_no_folder_again(logs: FileEditLogs) -> None:
    (logs.folder / "job").rmdir()
    with pytest.raises(TranscriptGone):
        logs.append("job", [ANN], logs.read("job").version)
    assert list(logs.folder.iterdir()) == []


@pytest.mark.parametrize("job", ["", ".", "..", "../job", "a/b", "/etc", "a\0b"])
def test_a_job_is_never_a_way_out_of_the_folder(logs: FileEditLogs, job: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        logs.read(job)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_edit_is_one_line_that_reads_back(data: st.DataObject) -> None:
    edit = data.draw(edits(data.draw(machine_transcripts())))
    line = line_of(edit)
    assert line.count(b"\n") == 1
    assert entry_of(json.loads(line)) == edit
