"""The whole application on engines that only seem to hear, with something of every kind in it."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from quoth.adapters.memory.keys import MemoryKeyRing
from quoth.adapters.rate_limits.counting import LocalRateLimits
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.adapters.storage.workspaces import Workspaces
from quoth.api.app import create_app
from quoth.api.service import Service, ServiceLimits
from quoth.auth.access import Access
from quoth.auth.limits import Limits
from quoth.bootstrap.jobs import build_jobs
from quoth.bootstrap.live import live_equipment
from quoth.config import Settings
from quoth.domain.keys import Scope
from quoth.ports.rate_limits import RateRule
from quoth.use_cases.manage_keys import ManageKeys
from tests.api.conftest import FakeRecognisers, memory_queues
from tests.asgi import Answered, ask

STRANGER = "203.0.113.5"
MANY = 10**9
MOST_BYTES = 1 << 20
FORM = (
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    b"sound\r\n--b--\r\n"
)
MULTIPART = (b"content-type", b"multipart/form-data; boundary=b")
JSON = (b"content-type", b"application/json")
TUS = ((b"tus-resumable", b"1.0.0"), (b"upload-length", b"5"))
SHOWN = frozenset({b"authorization", b"cookie"})
PATHS = {
    "job_id": "/v1/jobs/{}",
    "upload_id": "/v1/uploads/{}",
    "token": "/v1/shares/{}",
}
"""Where to look whether what is named is still there."""


@dataclass
class World:
    """An application, and names of what is in it by the parameters that stand for them."""

    app: FastAPI
    loop: asyncio.Runner
    key: str
    names: dict[str, str] = field(default_factory=dict)
    may_be_less: bool = True

    def ask(
        self,
        method: str,
        target: str,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        body: bytes = b"",
        *,
        has_key: bool = True,
    ) -> Answered:
        """Ask from elsewhere, with the key or without."""
        self.may_be_less |= method not in {"GET", "HEAD"}
        if has_key:  # in place of those that the document's security made up
            headers = tuple(each for each in headers if each[0] not in SHOWN)
            headers = (*headers, (b"authorization", f"Bearer {self.key}".encode()))
        return self.loop.run(ask(self.app, method, target, headers, body, peer=STRANGER))

    def fill(self) -> dict[str, str]:
        """Make what there is not, or not any more; return the names of all."""
        if not self.may_be_less:
            return self.names
        for parameter, path in PATHS.items():
            name = self.names.get(parameter)
            if name is not None and self.ask("GET", path.format(name)).status in {404, 410}:
                del self.names[parameter]
        if "job_id" not in self.names:
            self.names["job_id"] = self._make("/v1/jobs", (MULTIPART,), FORM)["id"]
            self.names.pop("token", None)
        if "upload_id" not in self.names:
            self.names["upload_id"] = self._make("/v1/uploads", TUS)["id"]
        if "token" not in self.names:
            share = self._make(f"/v1/jobs/{self.names['job_id']}/shares", (JSON,), b"{}")
            self.names |= {"share_id": share["id"], "token": share["token"]}
        if self.names.get("key_id", "none") not in self.ask("GET", "/v1/keys").body.decode():
            self.names["key_id"] = self._make("/v1/keys", (JSON,), b'{"name": "x"}')["id"]
        self.may_be_less = False
        return self.names

    def _make(
        self, target: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes = b""
    ) -> dict[str, str]:
        answer = self.ask("POST", target, headers, body)
        assert answer.status in {201, 202}, answer
        made: dict[str, str] = json.loads(answer.body)
        return made


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Put an application together in a folder."""
    settings = Settings(quoth_data=folder / "data", max_queued_audio_seconds=1e9)
    recognisers, ring = FakeRecognisers(), MemoryKeyRing()
    secret = ManageKeys(ring, time.time).create("everything", frozenset(Scope)).secret
    jobs = build_jobs(settings, recognisers, memory_queues)
    jobs.start()
    uploads = FileUploads(DiskSpace(folder / "uploads", 0), MOST_BYTES, 3600)
    service = Service(
        recognisers,
        ServiceLimits(max_upload_bytes=MOST_BYTES),
        Workspaces(folder / "work").make,
        uploads,
        jobs.jobs,
        live_equipment(jobs.jobs.manage, uploads, folder / "data"),
    )
    rules = RateRule("requests", MANY, 60), RateRule("failed logins", MANY, 60)
    app = create_app(service, Access(ring), Limits(LocalRateLimits(), *rules))
    try:
        with asyncio.Runner() as loop:
            yield World(app, loop, secret, {"model_id": "fake"})
    finally:
        jobs.close()
