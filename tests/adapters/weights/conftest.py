"""A place to keep models and a server to fetch them from."""

import hashlib
import io
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from quoth.adapters.weights.archives import ArchiveFetcher
from quoth.adapters.weights.hub import HubFetcher
from quoth.adapters.weights.packaged import packaged_damage
from quoth.adapters.weights.store import FolderStore
from quoth.domain.catalogue import (
    CATALOGUE,
    ArchiveSource,
    CatalogueModel,
    HubRepository,
    HubSource,
)
from quoth.use_cases.manage_models import ManageModels
from tests.model_server import ModelServer, model_server

PARAKEET = {
    "encoder.int8.onnx": random.Random(1).randbytes(300_000),  # noqa: S311 - bytes to move
    "tokens.txt": b"<blk> 0\n",
}
WHISPER = {
    "model.bin": random.Random(2).randbytes(250_000),  # noqa: S311
    "config.json": b"{}",
    "README.md": b"# not needed",
}


def tar_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    # Its library keeps what has come in steps of 10 MB, which is more than there is here.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 10_000)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        archive = tar_of({f"parakeet/{name}": content for name, content in PARAKEET.items()})
        running.files["parakeet.tar.bz2"] = archive
        running.files |= {f"acme/whisper/{name}": content for name, content in WHISPER.items()}
        yield running


def archive_model(server: ModelServer, **changes: object) -> CatalogueModel:
    content = server.files["parakeet.tar.bz2"]
    pinned: dict[str, object] = {
        "url": f"{server.url}/parakeet.tar.bz2",
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "hash_source": "this test",
        "members": tuple(PARAKEET),
        "unpacked_bytes": 310_000,
    }
    source = ArchiveSource(**(pinned | changes))  # type: ignore[arg-type]
    return CatalogueModel("parakeet", "sherpa", "any", len(content), "MIT", "Acme", source, "tests")


def hub_model() -> CatalogueModel:
    source = HubSource((HubRepository("acme/whisper", ("model.bin", "config.json")),))
    return CatalogueModel("whisper-acme", "whisper", "any", 250_000, "MIT", "Acme", source, "tests")


def manager(folder: Path, server: ModelServer, *models: CatalogueModel) -> ManageModels:
    return ManageModels(
        FolderStore(folder / "models"),
        {ArchiveSource: ArchiveFetcher(wait=0.01), HubSource: HubFetcher(server.url)},
        packaged_damage,
        {**CATALOGUE, **{model.name: model for model in models}},
    )
