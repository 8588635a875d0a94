"""A real server on loopback in front of stand-in engines, and OpenAI's client in front of it."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
import uvicorn

from quoth.adapters.dbos.queue import RunAttempt
from quoth.adapters.dbos.webhooks import Deliver
from quoth.adapters.memory.decoding import FakeDecoder
from quoth.adapters.memory.engines import (
    FakeDiarizer,
    FakeSpeechDetector,
    FakeSpeechMeter,
    FakeTranscriber,
)
from quoth.adapters.memory.jobs import FakeJobQueue
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.memory.webhooks import FakeWebhookQueue
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.key_file import FileKeyRing
from quoth.adapters.storage.uploads import FileUploads
from quoth.adapters.storage.workspaces import Workspaces
from quoth.api.app import create_app
from quoth.api.service import Service, ServiceLimits
from quoth.auth.access import Access
from quoth.auth.origins import Policy
from quoth.auth.pages import Names
from quoth.bootstrap.http import WEBSOCKETS
from quoth.bootstrap.jobs import JobService, build_jobs
from quoth.bootstrap.live import live_equipment
from quoth.bootstrap.queues import MakeQueues, Queues
from quoth.config import Settings
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.errors import UnknownModel
from quoth.domain.gpus import Gpu, GpuMemory
from quoth.domain.keys import EVERYDAY, Quotas, Scope
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.transcriber import EngineInfo
from quoth.use_cases.manage_keys import UNLIMITED, ManageKeys
from quoth.use_cases.rediarize import Rediarize
from quoth.use_cases.transcribe import TranscribeRecording

SOUND = ArrayWaveform(np.full(20 * SAMPLE_RATE, 0.1, dtype=np.float32))


@dataclass
class FakeRecognisers:
    """Two models that hear the same words."""

    transcriber: FakeTranscriber = field(default_factory=FakeTranscriber)
    diarizing: FakeDiarizer = field(default_factory=FakeDiarizer)
    detector: FakeSpeechDetector = field(default_factory=FakeSpeechDetector)
    sound: ArrayWaveform = SOUND
    sounds: Mapping[bytes, ArrayWaveform | None] = field(default_factory=dict)
    is_loaded: bool = True
    gpu: Gpu | None = None
    gpu_memory: GpuMemory | None = None
    is_parallel: bool = True
    arena_extend_strategy: str | None = None
    engine_choice: str = "Engine fake, model fake, on cpu. It is the only one."

    @property
    def default(self) -> EngineInfo:
        return self.transcriber.info

    @property
    def speech_meter(self) -> FakeSpeechMeter:
        return FakeSpeechMeter()

    @property
    def diarizer(self) -> DiarizerInfo:
        return self.diarizing.info

    def installed(self) -> tuple[EngineInfo, ...]:
        return (self.default, replace(self.default, model="fake/large"))

    def rediarize(self) -> Rediarize:
        return Rediarize(self.diarizing)

    def transcribe(self, model: str | None = None) -> TranscribeRecording:
        if model not in (None, "fake", "fake/large"):
            raise UnknownModel(str(model), ("fake", "fake/large"))
        return TranscribeRecording(
            FakeDecoder(self.sound, others=self.sounds),
            self.detector,
            self.transcriber,
            self.transcriber,
            self.diarizing,
            time.monotonic,
        )


def memory_queues(run: RunAttempt, deliver: Deliver) -> Queues:
    """Return queues that keep nothing."""
    return Queues(FakeJobQueue(run), FakeWebhookQueue(deliver))


@dataclass
class RunningServer:
    """Where a server listens and what it is made of."""

    url: str
    folder: Path
    recognisers: FakeRecognisers
    uploads: FileUploads
    data: Path
    clients: list[openai.OpenAI] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def client(self, **settings: int) -> openai.OpenAI:
        """Return a client that is closed when the test is over."""
        retries = settings.get("retries", 0)
        client = openai.OpenAI(
            api_key="none needed", base_url=f"{self.url}/v1", max_retries=retries
        )
        self.clients.append(client)
        return client

    def left_on_disk(self) -> list[Path]:
        return list(self.folder.rglob("*"))

    def live_on_disk(self) -> list[Path]:
        """Folders of live recordings."""
        return list((self.data / "live").glob("*"))


StartServer = Callable[..., RunningServer]


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []
    services: list[JobService] = []
    running: list[RunningServer] = []

    def start(  # noqa: PLR0917 - each is another thing, named by who gives it
        recognisers: FakeRecognisers | None = None,
        uploads: FileUploads | None = None,
        make_queues: MakeQueues = memory_queues,
        most_waiting: float = 1e9,
        access: Access | None = None,
        environment: Mapping[str, str] | None = None,
        **limits: Any,
    ) -> RunningServer:
        recognisers = recognisers or FakeRecognisers()
        number = len(servers)
        folder = tmp_path / f"work{number}"
        settings = Settings(
            quoth_data=tmp_path / f"data{number}",
            max_queued_audio_seconds=most_waiting,
            **{name.lower(): value for name, value in (environment or {}).items()},  # type: ignore[arg-type]
        )
        jobs = build_jobs(settings, recognisers, make_queues)
        jobs.start()
        services.append(jobs)
        taken_on = ServiceLimits(**limits)
        space = DiskSpace(tmp_path / "uploads", 0)
        uploads = uploads or FileUploads(space, taken_on.max_upload_bytes, 3600)
        equipment = live_equipment(jobs.jobs.manage, uploads, settings.quoth_data)
        service = Service(
            recognisers, taken_on, Workspaces(folder).make, uploads, jobs.jobs, equipment
        )
        app = create_app(service, access)
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            log_level="warning",
            proxy_headers=False,
            **WEBSOCKETS,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        running.append(RunningServer(url, folder, recognisers, uploads, settings.quoth_data))
        return running[-1]

    yield start
    for client in (client for each in running for client in each.clients):
        client.close()
    for server, thread in servers:
        server.should_exit = True
        thread.join(10)
    for service in services:
        service.close()


@pytest.fixture
def server(start_server: StartServer) -> RunningServer:
    return start_server()


AUDIO = b"sound" * 100


@dataclass
class Guarded:
    """A server where everybody needs a key, and the keys."""

    server: RunningServer
    keys: ManageKeys

    def caller(self, *scopes: Scope, quotas: Quotas = UNLIMITED) -> httpx.Client:
        made = self.keys.create("somebody", frozenset(scopes) or EVERYDAY, quotas=quotas)
        time.sleep(0.3)  # it is known within a second
        return self.with_key(made.secret)

    def with_key(self, secret: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {secret}"}
        return httpx.Client(base_url=self.server.url, headers=headers, timeout=60)


@pytest.fixture
def guarded(start_server: StartServer, tmp_path: Path) -> Guarded:
    ring = FileKeyRing(tmp_path / "data0" / "api-keys.json")
    names = Names(origins=frozenset({"https://page.example"}))
    access = Access(ring, time.time, Policy(is_key_always_required=True, names=names))
    return Guarded(start_server(access=access), ManageKeys(ring, time.time))


@pytest.fixture
def ana(guarded: Guarded) -> Iterator[httpx.Client]:
    with guarded.caller() as client:
        yield client


@pytest.fixture
def ben(guarded: Guarded) -> Iterator[httpx.Client]:
    with guarded.caller(*Scope) as client:
        yield client


def job_of(client: httpx.Client) -> str:
    answer = client.post("/v1/jobs", files={"file": ("a.wav", AUDIO)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])
