"""Which names are waited for, and which are not."""

import os
from pathlib import Path

import pytest

from quoth.adapters.storage.whole_files import writing


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was brought to the disk, in order."""
    paths: list[Path] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        paths.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return paths


def test_content_and_name_are_on_disk_when_the_context_ends(
    tmp_path: Path, settled: list[Path]
) -> None:
    with writing(tmp_path / "a") as file:
        file.write(b"content")
    assert [path.parent for path in settled] == [tmp_path, tmp_path.parent]
    assert settled[1] == tmp_path


def test_content_alone_is_on_disk_where_the_name_may_wait(
    tmp_path: Path, settled: list[Path]
) -> None:
    with writing(tmp_path / "a", is_name_settled=False) as file:
        file.write(b"content")
    assert [path.parent for path in settled] == [tmp_path]
    assert (tmp_path / "a").read_bytes() == b"content"
