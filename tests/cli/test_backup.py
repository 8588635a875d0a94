"""`quoth backup` and `quoth restore` as a user runs them."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs import Office, speaking


class Terminal:
    """Runs the command with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.backup = folder / "backup.tar"
        self._folder = folder

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": str(self._folder),
            "QUOTH_DATA": str(self.data),
            "QUOTH_CONFIG": os.devnull,
        }
        return subprocess.run(
            [sys.executable, "-m", "quoth.cli", *arguments],
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    with Office(terminal.data, speaking("")) as office:
        office.done()
    return terminal


def test_what_was_backed_up_is_verified_and_comes_back_after_a_loss(terminal: Terminal) -> None:
    made = terminal.run("backup", str(terminal.backup))
    assert made.returncode == 0, made.stderr
    assert "1 jobs" in made.stdout
    verified = terminal.run("backup", "--verify", str(terminal.backup))
    assert verified.returncode == 0
    assert "is whole: 1 jobs" in verified.stdout
    in_the_way = terminal.run("restore", str(terminal.backup))
    assert in_the_way.returncode == 1
    assert "--replace" in in_the_way.stderr
    replaced = terminal.run("restore", str(terminal.backup), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert "before-restore-" in replaced.stdout
    shutil.rmtree(terminal.data)
    restored = terminal.run("restore", str(terminal.backup))
    assert restored.returncode == 0, restored.stderr
    with Office(terminal.data, speaking("")) as office:
        (job_id,) = office.store.ids()
        assert office.files.transcript(job_id) is not None


def test_a_damaged_backup_ends_with_a_sentence_and_status_1(terminal: Terminal) -> None:
    assert terminal.run("backup", str(terminal.backup)).returncode == 0
    content = bytearray(terminal.backup.read_bytes())
    content[len(content) // 2] ^= 1
    terminal.backup.write_bytes(content)
    for arguments in (["backup", "--verify"], ["restore", "--replace"]):
        refused = terminal.run(*arguments, str(terminal.backup))
        assert refused.returncode == 1
        assert "cannot be restored" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_file_that_is_there_is_replaced_only_by_force(terminal: Terminal) -> None:
    terminal.backup.write_bytes(b"of somebody")
    refused = terminal.run("backup", str(terminal.backup))
    assert refused.returncode == 2
    assert terminal.backup.read_bytes() == b"of somebody"
    assert terminal.run("backup", "--force", str(terminal.backup)).returncode == 0
    assert terminal.run("backup", "--verify", str(terminal.backup)).returncode == 0


def test_a_server_at_work_is_named_as_what_has_to_be_stopped(terminal: Terminal) -> None:
    assert terminal.run("backup", str(terminal.backup)).returncode == 0
    with (terminal.data / ".serving").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = terminal.run("restore", "--replace", str(terminal.backup))
    assert refused.returncode == 3
    assert "Stop it" in refused.stderr


def test_with_postgres_one_is_told_to_dump_it(terminal: Terminal) -> None:
    made = terminal.run("backup", str(terminal.backup), DATABASE_URL="postgresql://nowhere/quoth")
    assert made.returncode == 0
    assert "pg_dump" in made.stderr
    refused = terminal.run("restore", "--replace", str(terminal.backup))
    assert refused.returncode == 1
    assert "pg_restore" in refused.stderr
