"""The server that `http_load.py` loads: all of Quoth but its engines and its decoder.

    python bench/http_server.py FOLDER [--port 8000] [--concurrent 16] [--jobs 4]

The engines hear a known word every half second of ten seconds of sound, at once, so that what is
left is Quoth's own work: HTTP, forms, files, rows, the durable queue.
"""

import argparse
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.engines import (
    FakeDiarizer,
    FakeSpeechDetector,
    FakeSpeechMeter,
    FakeTranscriber,
)
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.adapters.storage.workspaces import Workspaces
from quoth.api.app import create_app
from quoth.api.service import Service, ServiceLimits
from quoth.bootstrap.http import bind
from quoth.bootstrap.jobs import build_jobs
from quoth.bootstrap.live import live_equipment
from quoth.bootstrap.server import Address, answer_requests
from quoth.config import Settings
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.gpus import Gpu, GpuMemory
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.transcriber import EngineInfo
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import TranscribeRecording

CLIP_SECONDS = 10.0
HOST = "127.0.0.1"


def clip() -> ArrayWaveform:
    """Return what every recording sounds like here."""
    return ArrayWaveform(np.full(int(CLIP_SECONDS * SAMPLE_RATE), 0.1, dtype=np.float32))


@dataclass
class FakeRecognisers:
    """One model that hears known words."""

    transcriber: FakeTranscriber = field(default_factory=FakeTranscriber)
    diarizing: FakeDiarizer = field(default_factory=FakeDiarizer)
    engine_choice: str = "Engine fake, model fake, on cpu. It is the only one."
    gpu: Gpu | None = None
    gpu_memory: GpuMemory | None = None
    is_parallel: bool = True
    is_loaded: bool = True
    arena_extend_strategy: str | None = None

    @property
    def default(self) -> EngineInfo:
        return self.transcriber.info

    @property
    def speech_meter(self) -> FakeSpeechMeter:
        return FakeSpeechMeter()

    @property
    def diarizer(self) -> DiarizerInfo:
        return self.diarizing.info

    @cached_property
    def use_case(self) -> TranscribeRecording:
        return TranscribeRecording(
            FakeDecoder(clip()),
            FakeSpeechDetector(),
            self.transcriber,
            self.transcriber,
            self.diarizing,
            time.monotonic,
        )

    def installed(self) -> tuple[EngineInfo, ...]:
        return (self.default,)

    def transcribe(self, model: str | None) -> TranscribeRecording:  # noqa: ARG002 - there is one
        return self.use_case

    def rediarize(self) -> Rediarize:
        return Rediarize(self.diarizing)


def serve(folder: Path, port: int, concurrent: int, jobs_at_once: int) -> int:
    """Serve until told to stop."""
    settings = Settings(quoth_data=folder, max_concurrent=concurrent, job_concurrency=jobs_at_once)
    recognisers = FakeRecognisers()
    jobs = build_jobs(settings, recognisers)
    uploads = FileUploads(
        DiskSpace(folder / "uploads", settings.min_free_disk_bytes),
        settings.max_upload_bytes,
        settings.upload_expiry_hours * 3600,
    )
    limits = ServiceLimits(settings.max_concurrent, settings.max_upload_bytes)
    work = Workspaces(folder / "work").make
    equipment = live_equipment(jobs.jobs.manage, uploads, settings.quoth_data)
    app = create_app(Service(recognisers, limits, work, uploads, jobs.jobs, equipment))
    listeners = bind(HOST, port)
    jobs.start()
    status = answer_requests(app, Address(HOST, port), listeners)
    jobs.stop()
    return status


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--concurrent", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=4)
    given = parser.parse_args()
    raise SystemExit(serve(given.folder, given.port, given.concurrent, given.jobs))


if __name__ == "__main__":
    main()
