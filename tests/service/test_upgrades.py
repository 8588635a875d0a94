"""Jobs that an earlier Quoth left are finished by this one.

The folders `tests/data/jobs-schema-*` are what earlier commits wrote and are never made again. When
the schema of jobs changes (`JOB_SCHEMA`, `SCHEMA_VERSION`), a new folder comes beside them, and the
old ones still have to pass.
"""

import tarfile
from pathlib import Path

import pytest

from quoth.domain.jobs import LOCAL_OWNER, JobStatus
from quoth.ports.jobs import JobFilter
from tests.jobs import Office, speaking

pytestmark = pytest.mark.slow

LEFT_BEHIND = sorted((Path(__file__).parents[1] / "data").glob("jobs-schema-*/data.tar.gz"))


@pytest.mark.parametrize("left", LEFT_BEHIND, ids=lambda path: path.parent.name)
def test_a_queued_and_a_half_done_job_of_an_earlier_commit_are_finished(
    left: Path, tmp_path: Path
) -> None:
    with tarfile.open(left) as archive:
        archive.extractall(tmp_path, filter="data")
    transcriber = speaking("anew ")
    with Office(tmp_path / "data", transcriber, is_working=True) as office:
        found = office.manage.find(LOCAL_OWNER, JobFilter())
        assert sorted(job.name for job in found) == ["half-done.wav", "queued.wav"]
        done = {job.name: office.wait(job.id) for job in found}
        texts = {name: office.manage.machine_transcript(job).text for name, job in done.items()}
        assert len(office.manage.find(LOCAL_OWNER, JobFilter(text="word2"))) == 2
    assert {job.status for job in done.values()} == {JobStatus.COMPLETED}
    assert transcriber.batches == [1]  # of the queued one; the words of the other were there
    assert "anew" not in texts["half-done.wav"]
    assert "word2" in texts["half-done.wav"]
    assert "anew" in texts["queued.wav"]
