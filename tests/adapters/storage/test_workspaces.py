"""Folders for work in progress."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from quoth.adapters.storage.workspaces import Workspaces
from quoth.domain.errors import OutOfDisk


def test_a_workspace_goes_with_its_work_even_when_that_fails(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path / "work")
    with pytest.raises(KeyError), workspaces.make() as folder:
        (folder / "upload").write_bytes(b"sound")
        raise KeyError
    assert list((tmp_path / "work").iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_stays(tmp_path: Path) -> None:
    workspaces = Workspaces(tmp_path)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / f"work-{gone.pid}-abc").mkdir()
    (tmp_path / f"work-{os.getpid()}-abc").mkdir()
    (tmp_path / "models").mkdir()
    workspaces.sweep()
    assert {path.name for path in tmp_path.iterdir()} == {f"work-{os.getpid()}-abc", "models"}


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(OutOfDisk, match="no space left"), Workspaces(tmp_path).make():
        raise OSError(errno.ENOSPC, "No space left on device")


def test_sweeping_a_folder_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    Workspaces(tmp_path / "none").sweep()
