"""What every place for edits keeps to, stand-in or real."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quoth.adapters.memory.edit_log import FakeEditLogs
from quoth.adapters.storage.bucket_edit_logs import BucketEditLogs
from quoth.adapters.storage.edit_logs import FileEditLogs
from quoth.adapters.storage.job_results import TRANSCRIPT
from quoth.domain.audio import Interval
from quoth.domain.edit_errors import StaleVersion, TranscriptGone
from quoth.domain.edits import (
    Basis,
    CorrectText,
    CorrectTexts,
    Entry,
    MergeSpeakers,
    ReassignInterval,
    Redo,
    RenameSpeaker,
    SplitSpeaker,
    Undo,
)
from quoth.ports.edit_log import EditLogs
from tests.buckets import BucketServer

JOBS = ("one", "two")
EVERY_KIND: tuple[Entry, ...] = (
    Basis({"A": (Interval(0, 1.5), Interval(2, 3)), "山田": ()}),
    RenameSpeaker("A", 'Ana "Annie"\n\u2028 Müller'),
    MergeSpeakers("B", into="A"),
    SplitSpeaker("A", (Interval(0, 0.1), Interval(3, 4)), "Ben"),
    ReassignInterval(Interval(1 / 3, 2 / 3), "A"),
    ReassignInterval(Interval(1, 1), None, ""),
    CorrectText(Interval(0, 1), "two\nlines \x00"),
    CorrectText(Interval(0, 1), "", was="um"),
    CorrectTexts((CorrectText(Interval(0, 1), "a", was="b"), CorrectText(Interval(1, 2), "c"))),
    Undo(),
    Redo(),
)


def in_files(folder: Path) -> FileEditLogs:
    for job in JOBS:
        (folder / job).mkdir()
    return FileEditLogs(folder)


def in_bucket(server: BucketServer) -> BucketEditLogs:
    bucket = server.bucket()
    for job in JOBS:
        bucket.put(f"{job}/{TRANSCRIPT}", b"{}")
    return BucketEditLogs(bucket)


MAKERS: dict[str, Callable[[Path], EditLogs]] = {
    "fake": lambda _folder: FakeEditLogs({job: [] for job in JOBS}),
    "files": in_files,
}


@pytest.fixture(params=[*MAKERS, "bucket"])
def logs(request: pytest.FixtureRequest, tmp_path: Path) -> EditLogs:
    if request.param == "bucket":
        return in_bucket(request.getfixturevalue("bucket_server"))
    return MAKERS[request.param](tmp_path)


def test_a_log_begins_empty(logs: EditLogs) -> None:
    assert logs.read("one").entries == ()


def test_what_was_added_is_read_back_in_order_with_its_version(logs: EditLogs) -> None:
    version = logs.append("one", EVERY_KIND[:3], logs.read("one").version)
    version = logs.append("one", EVERY_KIND[3:], version)
    assert logs.read("one").entries == EVERY_KIND
    assert logs.read("one").version == version


def test_every_entry_makes_another_version_that_fits_an_etag(logs: EditLogs) -> None:
    versions = [logs.read("one").version]
    for entry in (Undo(), Undo(), Undo()):
        versions.append(logs.append("one", [entry], versions[-1]))
    assert len(set(versions)) == 4
    assert all(version.isascii() and version.isalnum() for version in versions)


def test_who_has_not_seen_the_last_entry_adds_nothing(logs: EditLogs) -> None:
    seen = logs.read("one").version
    logs.append("one", [RenameSpeaker("A", "Ann")], seen)
    with pytest.raises(StaleVersion, match="Load it again"):
        logs.append("one", [RenameSpeaker("A", "Zoe")], seen)
    assert logs.read("one").entries == (RenameSpeaker("A", "Ann"),)


def test_logs_of_two_jobs_are_two(logs: EditLogs) -> None:
    logs.append("one", [Undo()], logs.read("one").version)
    assert logs.read("two").entries == ()


def test_nothing_is_added_for_a_job_that_is_not_there(logs: EditLogs) -> None:
    with pytest.raises(TranscriptGone):
        logs.append("gone", [Undo()], logs.read("gone").version)
    assert logs.read("gone").entries == ()


def test_of_many_at_once_none_overwrites_another(logs: EditLogs) -> None:
    def add(number: int) -> None:
        while True:
            try:
                entry = RenameSpeaker("A", str(number))
                logs.append("one", [entry], logs.read("one").version)
            except StaleVersion:
                continue
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(24)))
    entries = logs.read("one").entries
    names = [entry.name for entry in entries if isinstance(entry, RenameSpeaker)]
    assert sorted(names, key=int) == [str(number) for number in range(24)]
