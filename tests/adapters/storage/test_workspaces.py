"""Folders for work in progress."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quoth.adapters.storage.workspaces import Workspaces
from quoth.domain.errors import OutOfDisk, UnusableFolder

HOLD = """
import sys, time
from pathlib import Path
from quoth.adapters.storage.workspaces import Workspaces
with Workspaces(Path(sys.argv[1])).make():
    print("made", flush=True)
    time.sleep(60)
"""


def test_a_workspace_goes_with_its_work_even_when_that_fails(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path / "work")
    with pytest.raises(KeyError), workspaces.make() as folder:
        (folder / "upload").write_bytes(b"sound")
        raise KeyError
    assert list((tmp_path / "work").iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_stays(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path)
    other = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"made\n"
    workspaces.sweep()
    assert len(list(tmp_path.iterdir())) == 1
    other.kill()
    other.wait()
    other.stdout.close()
    with workspaces.make() as mine:
        workspaces.sweep()
        assert list(tmp_path.iterdir()) == [mine]


def test_a_folder_that_is_just_being_made_is_not_swept(tmp_path: Path) -> None:
    fresh, old = tmp_path / "work-fresh", tmp_path / "work-old"
    fresh.mkdir()
    old.mkdir()
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    (tmp_path / "models").mkdir()
    Workspaces(tmp_path).sweep()
    assert {path.name for path in tmp_path.iterdir()} == {"work-fresh", "models"}


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(OutOfDisk, match="no space left"), Workspaces(tmp_path).make():
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_cannot_be_made_is_said_in_words() -> None:
    with pytest.raises(UnusableFolder, match="QUOTH_DATA"), Workspaces(Path("/proc/no")).make():
        pass


def test_sweeping_a_folder_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    Workspaces(tmp_path / "none").sweep()
