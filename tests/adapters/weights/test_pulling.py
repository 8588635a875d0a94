"""Fetching models over a network that is not to be trusted."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from quoth.domain.catalogue import CatalogueModel
from quoth.domain.errors import (
    BeingFetched,
    Cancelled,
    ConditionsNotAccepted,
    CorruptDownload,
    DownloadError,
    NoRoomForModel,
    NotRemovable,
    SourceRefused,
    SourceUnreachable,
    UnknownModel,
)
from quoth.use_cases.manage_models import ManageModels
from tests.adapters.weights.conftest import (
    PARAKEET,
    WHISPER,
    archive_model,
    hub_model,
    manager,
    tar_of,
)
from tests.model_server import REVISION, ModelServer


class Kind(NamedTuple):
    """A kind of source: a model of it, its files, and the largest of them."""

    model: Callable[[ModelServer], CatalogueModel]
    files: dict[str, bytes]
    large: str


KINDS = {
    "archive": Kind(archive_model, PARAKEET, "encoder.int8.onnx"),
    "hub": Kind(
        lambda _: hub_model(),
        {name: WHISPER[name] for name in ("model.bin", "config.json")},
        "model.bin",
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def models(tmp_path: Path, server: ModelServer, kind: Kind) -> ManageModels:
    return manager(tmp_path, server, kind.model(server))


@pytest.fixture
def name(kind: Kind, server: ModelServer) -> str:
    return kind.model(server).name


def installed(models: ManageModels, name: str) -> dict[str, bytes]:
    folder = models.store.folder / name
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "quoth.lock.json"
    }


def left_over(models: ManageModels) -> list[Path]:
    partial = models.store.folder / ".partial"
    return [path for path in partial.rglob("*") if path.is_file() and path.suffix != ".turn"]


def test_a_model_is_installed_whole_with_a_lock(
    models: ManageModels, name: str, kind: Kind
) -> None:
    seen: list[float] = []
    pulled = models.pull(name, seen.append)
    assert not pulled.was_here
    assert installed(models, name) == kind.files
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    lock = models.store.lock_of(name)
    assert lock is not None
    assert set(lock.files) == set(kind.files)
    assert lock.revision in {REVISION, getattr(models.model(name).source, "sha256", "")}
    assert list(models.verify(name)) == []
    assert left_over(models) == []


def test_what_is_here_and_whole_is_not_fetched_again(
    models: ManageModels, name: str, server: ModelServer
) -> None:
    models.pull(name)
    sent = server.sent_bytes
    assert models.pull(name).was_here
    assert server.sent_bytes == sent


def test_a_damaged_model_is_found_and_mended(models: ManageModels, name: str, kind: Kind) -> None:
    models.pull(name)
    victim = models.store.folder / name / kind.large
    content = bytearray(victim.read_bytes())
    content[1000] ^= 1
    victim.write_bytes(content)
    assert list(models.verify(name)) == [f"{kind.large} is damaged"]
    victim.unlink()
    assert list(models.verify(name)) == [f"{kind.large} is missing"]
    assert not models.pull(name).was_here
    assert list(models.verify(name)) == []


def test_connections_that_are_cut_are_taken_up_where_they_broke(
    models: ManageModels, name: str, server: ModelServer, kind: Kind
) -> None:
    server.cut_after = [100_000, 50_000, 50_000]
    models.pull(name)
    assert installed(models, name) == kind.files
    assert server.sent_bytes < 2 * len(kind.files[kind.large])
    assert any(asked for asked in server.ranges)


def test_bytes_that_changed_on_the_way_are_thrown_away_and_said(
    models: ManageModels, name: str, server: ModelServer, kind: Kind
) -> None:
    server.corrupt = True
    with pytest.raises((CorruptDownload, SourceUnreachable)):
        models.pull(name)
    assert not models.store.is_installed(name)
    server.corrupt = False
    models.pull(name)
    assert installed(models, name) == kind.files


def test_a_failed_pull_leaves_the_old_model_as_it_was(
    models: ManageModels, name: str, server: ModelServer, kind: Kind
) -> None:
    models.pull(name)
    server.corrupt = True
    with pytest.raises(DownloadError):
        models.pull(name, force=True)
    assert installed(models, name) == kind.files


def test_stopping_keeps_what_was_fetched(
    models: ManageModels, name: str, server: ModelServer, kind: Kind
) -> None:
    server.cut_after = [150_000]

    def stop(fraction: float) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises((Cancelled, SourceUnreachable)):
        models.pull(name, stop)
    assert not models.store.is_installed(name)
    server.cut_after = []
    models.pull(name)
    assert installed(models, name) == kind.files


def test_a_disk_too_small_is_said_before_anything_is_fetched(
    models: ManageModels, name: str, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quoth.adapters.weights.store.FolderStore.free_bytes", lambda _: 1000)
    with pytest.raises(NoRoomForModel, match="0 MB free, and 200 MB are needed"):
        models.pull(name)
    assert server.sent_bytes == 0


def test_two_at_once_do_not_fetch_the_same(models: ManageModels, name: str) -> None:
    with models.store.fetching(name), pytest.raises(BeingFetched):
        models.pull(name)
    models.pull(name)


def test_a_removed_model_is_gone_and_can_come_back(models: ManageModels, name: str) -> None:
    models.pull(name)
    models.remove(name)
    assert not models.store.is_installed(name)
    assert left_over(models) == []
    assert "quoth models pull" in models.verify(name)[0]
    models.pull(name)
    assert models.store.is_installed(name)


def test_what_quoth_did_not_install_is_not_removed(models: ManageModels, name: str) -> None:
    mine = models.store.folder / name / "model.bin"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"years of work")
    with pytest.raises(NotRemovable, match="did not install"):
        models.remove(name)
    assert mine.read_bytes() == b"years of work"
    assert "was not installed by Quoth" in models.verify(name)[0]


def test_an_unreachable_server_is_said_with_the_cure(
    tmp_path: Path, server: ModelServer, kind: Kind
) -> None:
    server.url = "http://127.0.0.1:9"
    models = manager(tmp_path, server, kind.model(server))
    with pytest.raises(SourceUnreachable, match="HTTPS_PROXY"):
        models.pull(kind.model(server).name)


def test_what_is_gone_from_the_source_is_said(
    models: ManageModels, name: str, server: ModelServer
) -> None:
    server.files.clear()
    with pytest.raises(SourceRefused):
        models.pull(name)


def test_a_server_busy_for_a_moment_is_asked_again(tmp_path: Path, server: ModelServer) -> None:
    model = archive_model(server)
    server.statuses = [503, 429]
    models = manager(tmp_path, server, model)
    models.pull(model.name)
    assert installed(models, model.name) == PARAKEET


def test_a_server_without_ranges_sends_it_whole_again(tmp_path: Path, server: ModelServer) -> None:
    server.knows_ranges = False
    server.cut_after = [100_000]
    model = archive_model(server)
    models = manager(tmp_path, server, model)
    models.pull(model.name)
    assert installed(models, model.name) == PARAKEET


def test_an_archive_that_changed_between_two_parts_is_fetched_whole(
    tmp_path: Path, server: ModelServer
) -> None:
    stale = server.files["parakeet.tar.bz2"]
    server.cut_after = [100_000]
    server.statuses = []
    models = manager(tmp_path, server, archive_model(server))

    def change(_fraction: float) -> None:
        server.files["parakeet.tar.bz2"] = stale[:50] + b"\x00" + stale[51:]

    with pytest.raises(CorruptDownload):
        models.pull("parakeet", change)
    assert server.ranges[-1] is not None


def test_a_gated_model_names_the_two_clicks(tmp_path: Path, server: ModelServer) -> None:
    server.gated = True
    models = manager(tmp_path, server, hub_model())
    with pytest.raises(ConditionsNotAccepted, match=r"1\. Accept.*acme/whisper.*2\. .*HF_TOKEN"):
        models.pull("whisper-acme")


@pytest.mark.parametrize(
    "files",
    [
        {"parakeet/tokens.txt": b"x"},
        {"../encoder.int8.onnx": b"x", "tokens.txt": b"y", "/etc/passwd": b"root"},
    ],
    ids=["a member missing", "names that climb"],
)
def test_only_the_members_wanted_are_unpacked_and_nowhere_else(
    tmp_path: Path, server: ModelServer, files: dict[str, bytes]
) -> None:
    server.files["parakeet.tar.bz2"] = tar_of(files)
    models = manager(tmp_path, server, archive_model(server))
    if "tokens.txt" in files:
        models.pull("parakeet")
        assert set(installed(models, "parakeet")) == set(PARAKEET)
    else:
        with pytest.raises(SourceRefused, match=r"encoder\.int8\.onnx is not in it"):
            models.pull("parakeet")
    assert not (tmp_path / "encoder.int8.onnx").exists()


def test_an_archive_that_unpacks_to_far_too_much_is_refused(
    tmp_path: Path, server: ModelServer
) -> None:
    server.files["parakeet.tar.bz2"] = tar_of(PARAKEET | {"tokens.txt": bytes(3_000_000)})
    models = manager(tmp_path, server, archive_model(server))
    with pytest.raises(SourceRefused, match="far more than it should"):
        models.pull("parakeet")


def test_packaged_models_are_whole_and_stay(tmp_path: Path, server: ModelServer) -> None:
    models = manager(tmp_path, server)
    for state in models.states():
        if state.model.is_packaged:
            assert list(models.verify(state.model.name)) == []
            assert models.pull(state.model.name).was_here
            with pytest.raises(NotRemovable):
                models.remove(state.model.name)


def test_an_unknown_name_is_refused_with_those_there_are(
    tmp_path: Path, server: ModelServer
) -> None:
    with pytest.raises(UnknownModel, match=r"parakeet-tdt-0\.6b-v3-int8"):
        manager(tmp_path, server).pull("parrot")


def test_a_killed_pull_frees_its_turn(models: ManageModels, name: str) -> None:
    begun = threading.Event()

    def fetch_and_fail() -> None:
        with pytest.raises(Cancelled), models.store.fetching(name):
            begun.set()
            raise Cancelled

    thread = threading.Thread(target=fetch_and_fail)
    thread.start()
    thread.join()
    assert begun.is_set()
    models.pull(name)
