"""Known speakers of jobs: whatever dies, is lost or is asked for again, they keep their names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.memory.engines import FakeDiarizer, Fault
from quoth.adapters.memory.jobs import PlainSteps
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.domain.audio import SAMPLE_RATE, Waveform
from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.errors import Cancelled
from quoth.domain.job_errors import IdempotencyConflict
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.domain.references import KnownVoices, Reference
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import StepResult
from quoth.ports.progress import Progress
from quoth.use_cases.manage_jobs import NewRecording
from quoth.use_cases.retention import DAY, Keeping, Retention
from tests.jobs import Office, bytes_under, speaking

SECONDS = 3


def reference(name: str, voice: int) -> Reference:
    """Return a clip of the voice that `FakeDiarizer` hears so many voices after the first."""
    level = (voice + 1) / 10
    samples = np.full(SECONDS * SAMPLE_RATE, level, dtype=np.float32)
    return Reference(name, ArrayWaveform(samples))


PEOPLE = (reference("Zoë", 1), reference("Ana", 0), reference("Nobody", 7))
CLIP = (3277).to_bytes(2, "little") * 100
"""Part of Ana's reference as it lies on disk."""


@dataclass(slots=True)
class CountingDiarizer(FakeDiarizer):
    """Notes how many references it listened to."""

    listened: list[float] = field(default_factory=list)

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:
        if waveform.duration == SECONDS:
            self.listened.append(waveform.duration)
        return FakeDiarizer.analyse(self, waveform, progress)


@pytest.fixture
def diarizer() -> CountingDiarizer:
    return CountingDiarizer()


@pytest.fixture
def office(tmp_path: Path, diarizer: CountingDiarizer) -> Iterator[Office]:
    with Office(tmp_path / "data", speaking("word"), diarizer=diarizer) as office:
        yield office


def take_in(office: Office, *people: Reference, key: str | None = None) -> Job:
    def bring(path: Path) -> None:
        path.write_bytes(b"a recording")

    recording = NewRecording("a.wav", bring, "digest")
    return office.manage.create(LOCAL_OWNER, JobOptions(), recording, key, people or PEOPLE)


def done(office: Office, job: Job, steps: PlainSteps | None = None) -> Job:
    office.do(office.manage.get(LOCAL_OWNER, job.id), steps)
    found = office.manage.get(LOCAL_OWNER, job.id)
    assert found.status is JobStatus.COMPLETED
    return found


def names(office: Office, job: Job) -> list[str]:
    transcript = office.files.transcript(job.id)
    assert transcript is not None
    return [speaker.name for speaker in transcript.speakers]


def told_apart(
    office: Office, job: Job, hints: SpeakerHints, names: Sequence[str] = ()
) -> Transcript:
    return office.edits.rediarize(job, hints, names).transcript


class Dying(PlainSteps):
    """Steps of a process that dies before one of them, or right after it."""

    def __init__(self, at: str, *, has_done_it: bool) -> None:
        super().__init__()
        self._at, self._has_done_it = at, has_done_it

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:
        if name == self._at and not self._has_done_it:
            raise Cancelled
        result = super().step(name, work)
        if name == self._at:
            raise Cancelled
        return result


class Losing(PlainSteps):
    """Steps that are in the books, and voices that a power cut took back."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def step(self, name: str, work: Callable[[], StepResult]) -> StepResult:
        if name == "merge":
            (self._folder / "known-voices.json").unlink()
        return super().step(name, work)


def test_known_people_are_called_by_name_and_their_references_are_gone(
    office: Office, diarizer: CountingDiarizer
) -> None:
    job = take_in(office)
    assert CLIP in bytes_under(office.data)
    job = done(office, job)
    assert names(office, job) == ["Ana", "Zoë"]
    transcript = office.files.transcript(job.id)
    assert transcript is not None
    assert transcript.warnings == ("'Nobody' was not recognised among the speakers.",)
    assert CLIP not in bytes_under(office.data)
    assert len(diarizer.listened) == 3


@pytest.mark.parametrize("has_done_it", [False, True])
@pytest.mark.parametrize("step", ["decode", "transcribe", "diarize", "merge"])
def test_they_keep_their_names_wherever_a_process_dies(
    tmp_path: Path,
    step: str,
    has_done_it: bool,  # noqa: FBT001
) -> None:
    first, second = CountingDiarizer(), CountingDiarizer()
    with Office(tmp_path / "data", speaking("word"), diarizer=first) as office:
        job = take_in(office)
        with pytest.raises(Cancelled):
            office.do(job, Dying(step, has_done_it=has_done_it))
    with Office(tmp_path / "data", speaking("word"), diarizer=second) as office:
        assert names(office, done(office, job)) == ["Ana", "Zoë"]
    assert len(first.listened) + len(second.listened) == 3


def test_voices_that_were_lost_are_made_again(office: Office, diarizer: CountingDiarizer) -> None:
    job = take_in(office)
    job = done(office, job, Losing(office.files.folder(job.id)))
    assert names(office, job) == ["Ana", "Zoë"]
    assert len(diarizer.listened) == 6


def test_a_retry_of_a_failed_job_finds_them(tmp_path: Path) -> None:
    transcriber = speaking("word")
    transcriber.fault = Fault.FAIL
    with Office(tmp_path / "data", transcriber) as office:
        job = take_in(office)
        office.do(job)
        assert office.manage.get(LOCAL_OWNER, job.id).status is JobStatus.FAILED
        transcriber.fault = None
        assert names(office, done(office, office.manage.retry(LOCAL_OWNER, job.id))) == [
            "Ana",
            "Zoë",
        ]


def test_told_apart_anew_they_keep_their_names(office: Office, diarizer: CountingDiarizer) -> None:
    job = done(office, take_in(office))
    diarizer.listened.clear()
    one = told_apart(office, job, SpeakerHints(exact=1))
    assert [speaker.name for speaker in one.speakers] == ["Ana"]
    assert one.warnings == (
        "'Zoë' was not recognised among the speakers.",
        "'Nobody' was not recognised among the speakers.",
    )
    two = told_apart(office, job, SpeakerHints(), ["x", "y"])
    assert [speaker.name for speaker in two.speakers] == ["Ana", "Zoë"]
    assert two.warnings == ("'Nobody' was not recognised among the speakers.",)
    assert diarizer.listened == []


def test_voices_that_another_diarizer_heard_are_compared_with_nobody(office: Office) -> None:
    job = done(office, take_in(office))
    path = office.files.folder(job.id) / "known-voices.json"
    path.write_bytes(path.read_bytes().replace(b"fake-1", b"else-1"))
    anew = told_apart(office, job, SpeakerHints())
    assert [speaker.name for speaker in anew.speakers] == ["Speaker A", "Speaker B"]
    (warning,) = anew.warnings
    assert "another diarizer heard them" in warning


def test_where_they_are_not_to_be_found_the_transcript_says_so(office: Office) -> None:
    job = take_in(office)
    (office.files.folder(job.id) / "references.npz").unlink()
    done(office, job)
    transcript = office.files.transcript(job.id)
    assert transcript is not None
    (warning,) = transcript.warnings
    assert warning.startswith("'Zoë', 'Ana', 'Nobody' could not be looked for")


def test_a_reference_without_a_voice_is_told_of_once(office: Office) -> None:
    job = done(office, take_in(office, PEOPLE[1]))
    office.files.remove(job.id)
    again = take_in(office, PEOPLE[1])
    office.files.keep_known_voices(again.id, KnownVoices("fake-1", {"Ana": None}))
    done(office, again)
    anew = told_apart(office, again, SpeakerHints())
    assert anew.warnings == ("No voice was found in the reference of 'Ana'.",)


def test_with_the_recording_of_a_failed_job_its_references_go(tmp_path: Path) -> None:
    transcriber = speaking("word")
    transcriber.fault = Fault.FAIL
    with Office(tmp_path / "data", transcriber) as office:
        job = take_in(office)
        office.do(job)
        assert CLIP in bytes_under(office.data)
        expire = Retention(
            office.store,
            office.files,
            office.feed,
            office.manage.delete,
            Keeping(audio_days=1),
            office.now,
        )
        office.ahead = 2 * DAY
        assert expire().recordings == 1
        assert CLIP not in bytes_under(office.data)
        assert office.files.known_voices(job.id) is not None


def test_a_deleted_job_leaves_neither_name_nor_voice(office: Office) -> None:
    canary = reference("zanzibarcanary", 0)
    waiting, job = take_in(office, canary), done(office, take_in(office, canary))
    assert bytes_under(office.data).count(b"zanzibarcanary") > 2
    for each in (waiting, job):
        office.manage.delete(LOCAL_OWNER, each.id)
    everything = bytes_under(office.data)
    assert b"zanzibarcanary" not in everything
    assert CLIP not in everything


def test_a_key_stands_for_the_same_references_alone(office: Office) -> None:
    first = take_in(office, PEOPLE[0], key="once")
    assert take_in(office, PEOPLE[0], key="once").id == first.id
    for others in (reference("Zoë", 2), reference("Zoe", 1)):
        with pytest.raises(IdempotencyConflict):
            take_in(office, others, key="once")
