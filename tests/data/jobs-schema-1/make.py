"""Makes `data.tar.gz`: a data folder with one half-done and one queued job, as a crash leaves it.

It was made once, by the last commit before job options had languages and keywords. It is never made
again: it is what users have on their disks. A new job schema gets a new folder beside this one.

python tests/data/jobs-schema-1/make.py FOLDER
"""

import multiprocessing
import os
import sys
import tarfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import numpy as np

from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.engines import FakeDiarizer, FakeSpeechDetector, FakeTranscriber
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.bootstrap.jobs import build_jobs
from quoth.config import Settings
from quoth.domain.audio import SAMPLE_RATE, Waveform
from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.jobs import LOCAL_OWNER, JobOptions
from quoth.ports.progress import Progress
from quoth.use_cases.manage_jobs import NewRecording
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import TranscribeRecording

SOUND = ArrayWaveform(np.full(3 * SAMPLE_RATE, 0.1, dtype=np.float32))
OPTIONS = JobOptions(prompt="Zürich", hints=SpeakerHints(maximum=3), names=("Ana", "Ben"))


@dataclass(slots=True)
class EndlessDiarizer(FakeDiarizer):
    """A `Diarizer` that never comes to an end."""

    is_asked: Event = field(default_factory=Event)

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:  # noqa: ARG002
        self.is_asked.set()
        time.sleep(3600)
        raise AssertionError


@dataclass(frozen=True, slots=True)
class Hands:
    """The use cases that jobs are done with."""

    diarizer: EndlessDiarizer

    def transcribe(self, model: str | None) -> TranscribeRecording:  # noqa: ARG002
        heard = FakeTranscriber()
        detector = FakeSpeechDetector()
        return TranscribeRecording(
            FakeDecoder(SOUND), detector, heard, heard, self.diarizer, time.monotonic
        )

    def rediarize(self) -> Rediarize:
        return Rediarize(self.diarizer)


def bring(path: Path) -> None:
    """Write a recording."""
    path.write_bytes(b"a recording")


def work(data: Path) -> None:
    """Take two recordings in, do a half of the first, and die."""
    diarizer = EndlessDiarizer()
    service = build_jobs(Settings(quoth_data=data, job_concurrency=1), Hands(diarizer))
    service.start()
    for name in ("half-done.wav", "queued.wav"):
        job = service.jobs.manage.create(LOCAL_OWNER, OPTIONS, NewRecording(name, bring))
        assert diarizer.is_asked.wait(30)
        while service.jobs.manage.files.words(job.id) is None and name == "half-done.wav":
            time.sleep(0.1)
        time.sleep(2)
    os._exit(0)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    process = multiprocessing.get_context("spawn").Process(target=work, args=(folder / "data",))
    process.start()
    process.join()
    (folder / "data" / "webhook-secret").unlink()  # whoever serves the folder makes one anew
    with tarfile.open(folder / "data.tar.gz", "w:gz") as archive:
        archive.add(folder / "data", "data")
