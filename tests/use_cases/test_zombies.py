"""A process that was taken for dead and is not: it changes neither rows nor files any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from quoth.domain.errors import Cancelled
from quoth.domain.jobs import JobStatus
from quoth.ports.jobs import StepResult, Work
from tests.jobs import Office, bytes_under, speaking
from tests.use_cases.test_job_races import Interrupting, run


class Waking(Interrupting):
    """Does all steps one after the other."""

    def both(
        self, first: tuple[str, Work], second: tuple[str, Work]
    ) -> tuple[StepResult, StepResult]:
        return self.step(*first), self.step(*second)


STEPS = ("decode", "transcribe", "diarize", "merge")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path / "data", speaking("word"), is_alone=False) as office:
        yield office


@pytest.mark.parametrize("step", STEPS)
def test_a_zombie_that_wakes_up_before_a_step_changes_nothing(office: Office, step: str) -> None:
    job = office.take_in()
    taken: list[object] = []

    def take() -> None:
        owner = office.store.take(job.id, 1, office.now())
        taken.append((owner, bytes_under(office.files.folder(job.id))))

    with pytest.raises(Cancelled):
        run(office, job, Waking(before=(step, take)))
    left = office.store.get(job.id)
    assert left is not None
    parts = office.files.folder(job.id).glob(".*.part")
    for part in parts:  # what it decoded lies beside what is anybody else's
        part.unlink()
    assert taken == [(left, bytes_under(office.files.folder(job.id)))]


def test_a_zombie_that_wakes_up_after_its_last_step_does_not_end_the_job(office: Office) -> None:
    job = office.take_in()
    run(
        office,
        job,
        Interrupting(after=("merge", lambda: office.store.take(job.id, 1, office.now()))),
    )
    left = office.store.get(job.id)
    assert left is not None
    assert (left.status, left.lease) == (JobStatus.RUNNING, 2)


def test_samples_of_two_leases_are_never_one_file(office: Office) -> None:
    job = office.take_in()
    assert office.files.decoded_path(job.id, 1) != office.files.decoded_path(job.id, 2)
