"""What is left of requests whose server died in the middle."""

from pathlib import Path

from quoth.domain.jobs import JobOptions
from quoth.use_cases.manage_jobs import NewRecording
from quoth.use_cases.transcribe_elsewhere import ABANDONED_SECONDS, OWNER, ForgetAbandoned
from tests.jobs import Office, speaking


def test_only_what_a_dead_server_left_of_requests_is_deleted(tmp_path: Path) -> None:
    with Office(tmp_path / "data", speaking("word")) as office:
        kept = office.done()
        recording = NewRecording("a.wav", _bring)
        left = office.manage.create(OWNER, JobOptions(), recording)
        office.do(left)
        forget = ForgetAbandoned(office.manage)
        assert forget() == 0
        for job in (kept, left):
            office.backdate(job, ABANDONED_SECONDS + 1)
        assert forget() == 1
        assert office.store.ids() == {kept.id} == set(office.files.ids())


def _bring(path: Path) -> None:
    path.write_bytes(b"a")
