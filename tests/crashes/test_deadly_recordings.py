"""A recording that kills the inference process is set aside; what shares the process is done."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.memory.engines import FakeDiarizer, FakeSpeechDetector, FakeTranscriber
from quoth.adapters.process.engine import InferenceProcess
from quoth.adapters.process.life import Patience
from quoth.adapters.process.proxies import ProcessTranscriber
from quoth.bootstrap.jobs import JobService, build_jobs
from quoth.config import Settings
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.jobs import LOCAL_OWNER, Job, JobOptions, JobStatus
from quoth.domain.transcript import Word
from quoth.ports.audio_decoder import DecodedAudio, DecodeLimits
from quoth.ports.progress import Progress
from quoth.ports.transcriber import WindowTask
from quoth.use_cases.manage_jobs import NewRecording
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import TranscribeRecording

pytestmark = pytest.mark.slow

DEADLY, HARMLESS = b"deadly", b"harmless"
SECONDS = 10
PATIENCE_SECONDS = 90.0


@dataclass(slots=True)
class MortalTranscriber(FakeTranscriber):
    """A `Transcriber` whose process does not survive loud recordings."""

    book: Path = Path()

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        heard = FakeTranscriber.transcribe(self, tasks, progress)
        if tasks[0].waveform.samples(0, 1)[0] > 0.5:
            with self.book.open("a") as file:
                file.write("died\n")
            os.kill(os.getpid(), signal.SIGKILL)
        return heard


def build(name: str) -> object:
    """Make the transcriber in the inference process; its name is where it keeps its book."""
    return MortalTranscriber(seconds_per_window=0.3, book=Path(name))


@dataclass(frozen=True, slots=True)
class LoudnessDecoder:
    """An `AudioDecoder` for which deadly recordings are loud."""

    def stated_duration(self, source: Path) -> float:  # noqa: ARG002 - the port's signature
        return SECONDS

    def decode(
        self,
        source: Path,
        target: Path,
        limits: DecodeLimits,  # noqa: ARG002 - the port's signature
        progress: Progress,
    ) -> DecodedAudio:
        progress(0.5)
        level = 30_000 if source.read_bytes() == DEADLY else 3_000
        np.full(SECONDS * SAMPLE_RATE, level, dtype="<i2").tofile(target)
        return DecodedAudio(PcmFile(target, SECONDS * SAMPLE_RATE))


@dataclass(frozen=True, slots=True)
class SharedProcess:
    """The use cases of jobs, with a transcriber in a real inference process."""

    transcriber: ProcessTranscriber

    def transcribe(self, model: str | None) -> TranscribeRecording:  # noqa: ARG002
        return TranscribeRecording(
            LoudnessDecoder(),
            FakeSpeechDetector(),
            self.transcriber,
            None,
            FakeDiarizer(),
            time.monotonic,
        )

    def rediarize(self) -> Rediarize:
        return Rediarize(FakeDiarizer())


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobService]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # for `build` in the child
    process = InferenceProcess(build, Patience())
    transcriber = ProcessTranscriber(process, str(tmp_path / "book"), FakeTranscriber().info)
    settings = Settings(quoth_data=tmp_path / "data", job_concurrency=3)
    service = build_jobs(settings, SharedProcess(transcriber))
    service.start()
    yield service
    service.close()
    process.close()


def take_in(service: JobService, content: bytes) -> Job:
    def bring(path: Path) -> None:
        path.write_bytes(content)

    options = JobOptions(language="en")
    return service.jobs.manage.create(LOCAL_OWNER, options, NewRecording("a.wav", bring))


def test_what_kills_the_inference_process_twice_fails_and_what_is_beside_it_completes(
    service: JobService, tmp_path: Path
) -> None:
    manage = service.jobs.manage
    jobs = [take_in(service, content) for content in (HARMLESS, DEADLY, HARMLESS, HARMLESS)]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(manage.get(LOCAL_OWNER, job.id).status.is_final for job in jobs):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    harmless, deadly, *others = [manage.get(LOCAL_OWNER, job.id) for job in jobs]
    assert {job.status for job in (harmless, *others)} == {JobStatus.COMPLETED}
    assert deadly.status is JobStatus.FAILED
    assert deadly.failure is not None
    assert deadly.failure.code == "engine_died"
    assert "SIGKILL" in deadly.failure.message
    assert (tmp_path / "book").read_text().split() == ["died", "died"]
