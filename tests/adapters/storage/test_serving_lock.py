"""One server for one folder, under one name."""

from pathlib import Path

import pytest

from quoth.adapters.storage.serving_lock import lock_folder, name_of
from quoth.domain.job_errors import DataInUse


def test_a_server_has_the_same_name_after_every_restart(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        with lock_folder(tmp_path / "data") as lock:
            names += [name_of(lock), name_of(lock)]
    with lock_folder(tmp_path / "other") as lock:
        other = name_of(lock)
    assert len(set(names)) == 1
    assert other != names[0]


def test_a_second_server_is_refused_as_long_as_the_first_is_there(tmp_path: Path) -> None:
    with lock_folder(tmp_path), pytest.raises(DataInUse, match="Another Quoth"):
        lock_folder(tmp_path)
    lock_folder(tmp_path).close()
