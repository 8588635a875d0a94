"""Work that a step left and that is gone when the next wants it, as after a power cut."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quoth.adapters.memory.jobs import PlainSteps
from quoth.domain.jobs import Job, JobStatus
from quoth.ports.jobs import StepResult
from tests.jobs import Office, speaking


class Losing(PlainSteps):
    """Steps that are in the books, and files of theirs that are not on the disk."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        super().__init__()
        self._folder = folder
        self._names = names

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:
        if name == "merge":
            for each in self._names:
                (self._folder / each).unlink()
        return super().step(name, work)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, speaking("word")) as office:
        yield office


def done(office: Office, *lost: str) -> Job:
    job = office.take_in()
    office.do(job, Losing(office.files.folder(job.id), lost))
    found = office.store.get(job.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "lost",
    [
        ("evidence.npz",),
        ("words.json",),
        ("decoded.json", "words.json", "evidence.npz"),
        ("peaks.npy", "evidence.npz"),
        ("audio.s16", "words.json", "evidence.npz"),
    ],
)
def test_what_was_lost_is_made_again(office: Office, lost: tuple[str, ...]) -> None:
    whole, patched = done(office), done(office, *lost)
    assert patched.status is JobStatus.COMPLETED
    transcript = office.files.transcript(patched.id)
    assert transcript is not None
    assert transcript == office.files.transcript(whole.id)
    assert transcript.speakers
    assert office.files.peaks(patched.id) is not None


def test_samples_whose_end_was_lost_are_decoded_again(office: Office) -> None:
    job = office.take_in()
    steps = Truncating(office.files.folder(job.id))
    office.do(job, steps)
    assert steps.done == ["decode", "transcribe", "diarize", "merge"]
    found = office.store.get(job.id)
    assert found is not None
    assert found.status is JobStatus.COMPLETED


class Truncating(PlainSteps):
    """Takes the end of the samples once they are decoded, and looks whether it comes back."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._samples = folder / "audio.s16"
        self._size = 0

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:
        result = super().step(name, work)
        if name == "decode":
            self._size = self._samples.stat().st_size
            with self._samples.open("r+b") as file:
                file.truncate(self._size // 2)
        if name == "transcribe":
            assert self._samples.stat().st_size == self._size
        return result


class SideBySide(PlainSteps):
    """Takes the samples once they are decoded, and lets both branches find that at once."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._samples = folder / "audio.s16"

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:
        result = super().step(name, work)
        if name == "decode":
            self._samples.unlink()
        return result

    def both(
        self,
        first: tuple[str, Callable[[], StepResult]],
        second: tuple[str, Callable[[], StepResult]],
    ) -> tuple[StepResult, StepResult]:
        with ThreadPoolExecutor(2) as threads:
            one, other = threads.submit(first[1]), threads.submit(second[1])
        return one.result(), other.result()


def test_samples_that_both_branches_miss_are_decoded_once_for_both(office: Office) -> None:
    for _ in range(5):
        job = office.take_in()
        office.do(job, SideBySide(office.files.folder(job.id)))
        found = office.store.get(job.id)
        assert found is not None
        assert found.failure is None
