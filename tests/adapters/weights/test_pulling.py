"""Pulling, against a hub and a host of archives on loopback that break in ordered ways."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from quoth.adapters.weights.download import Patience
from quoth.adapters.weights.fetching import WeightsFetcher
from quoth.adapters.weights.store import FolderStore
from quoth.domain.catalogue import (
    SHERPA_FILES,
    HubSource,
    Licence,
    Model,
    Pin,
    ReleaseSource,
    Source,
)
from quoth.domain.errors import InvalidParameter
from quoth.domain.model_errors import (
    AlreadyPulling,
    AnotherFile,
    CorruptDownload,
    DamagedLock,
    GatedModel,
    ModelError,
    NotEnoughDisk,
    NotInstalledByQuoth,
    NotOnServer,
    ServerRefused,
    TokenRefused,
    Unreachable,
)
from quoth.domain.model_locks import Presence, Step, Transfer
from quoth.use_cases.manage_models import ManageModels
from tests.hub import Fault, Repository, Server

REPOSITORY = "quoth/faster-whisper-tiny"
PAGE = "https://example.org/where-it-stands"
WEIGHTS = bytes(range(256)) * 2000
HUB_FILES = {
    "config.json": b"{}",
    "model.bin": WEIGHTS,
    "tokenizer.json": b'{"added_tokens": []}' * 300,
    "vocabulary.txt": b"a\nb\n",
    "README.md": b"not wanted",
}
WANTED = ("config.json", "model.bin", "tokenizer.json", "vocabulary.*")
ARCHIVED = {name: name.encode() * 5000 for name in SHERPA_FILES}
ESCAPING_LOCK = (
    '{"version": 1, "model": "tiny", "sources": [{"page": "", "revision": "", "files": '
    '[{"name": "../../x", "bytes": 1, "sha256": ""}]}]}'
)

pytestmark = pytest.mark.slow


def ignore(transfer: Transfer) -> None:
    assert 0 <= transfer.done_bytes <= transfer.total_bytes


def model(*sources: Source, size: int = 1_000_000) -> Model:
    return Model("tiny", "whisper", ("en",), size, Licence.MIT, "Nobody", sources, "tests")


def whisper(revision: Pin | None = None, *, is_gated: bool = False) -> Model:
    return model(HubSource(REPOSITORY, WANTED, revision=revision, is_gated=is_gated))


def archive_of(files: dict[str, bytes], folder: str = "sherpa-onnx-tiny") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def sherpa(server: Server, content: bytes, sha256: str | None = None, size: int = 0) -> Model:
    server.files["/tiny.tar.bz2"] = content
    pin = Pin(sha256 or hashlib.sha256(content).hexdigest(), PAGE)
    url = f"{server.cdn}/tiny.tar.bz2"
    return model(ReleaseSource(url, pin, len(content), SHERPA_FILES), size=size or 1_000_000)


@pytest.fixture
def hub(server: Server) -> Server:
    server.repositories[REPOSITORY] = Repository(dict(HUB_FILES))
    return server


@pytest.fixture
def manage(server: Server, tmp_path: Path) -> ManageModels:
    return ManageModels((), FolderStore(tmp_path), fetcher(server))


def fetcher(server: Server) -> WeightsFetcher:
    return WeightsFetcher(server.hub, Patience(tries=3, first_wait=0.01))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def parts(folder: Path) -> list[Path]:
    return sorted((folder / ".partial").rglob("*.part"))


# --- the hub --------------------------------------------------------------------------------


@pytest.mark.usefixtures("hub")
def test_a_model_of_the_hub_is_installed_whole_with_its_lock(
    manage: ManageModels, tmp_path: Path
) -> None:
    pulled = manage.pull(whisper(), ignore)
    assert pulled.is_new
    assert pulled.folder == tmp_path / "tiny"
    there = contents(tmp_path / "tiny")
    lock = json.loads(there.pop("quoth.lock.json"))
    assert there == {name: HUB_FILES[name] for name in HUB_FILES if name != "README.md"}
    (source,) = lock["sources"]
    assert source["revision"] == "a" * 40
    assert {file["name"]: file["sha256"] for file in source["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in there.items()
    }
    assert manage.verify(whisper(), ignore) == []


def test_a_pinned_revision_is_what_is_asked_for(hub: Server, manage: ManageModels) -> None:
    manage.pull(whisper(Pin("a" * 40, PAGE)), ignore)
    assert hub.asked[0].path.endswith("/revision/" + "a" * 40)


@pytest.mark.usefixtures("hub")
def test_a_pinned_revision_that_is_gone_is_said_to_be_gone(manage: ManageModels) -> None:
    with pytest.raises(NotOnServer, match="newer version of Quoth"):
        manage.pull(whisper(Pin("b" * 40, PAGE)), ignore)


def test_a_download_that_is_cut_goes_on_by_itself(
    hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    hub.fail("model.bin", Fault(cut=100_000), Fault(cut=200_000))
    manage.pull(whisper(), ignore)
    assert (tmp_path / "tiny/model.bin").read_bytes() == WEIGHTS
    starts = [asked.range for asked in hub.gets("model.bin") if "/blobs/" in asked.path]
    assert starts == [None, "bytes=100000-", "bytes=300000-"]


def test_a_pull_that_gave_up_goes_on_at_the_next(
    hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    hub.fail("model.bin", Fault(cut=100_000), *[Fault(cut=0)] * 3)
    with pytest.raises(Unreachable, match="the same command goes on"):
        manage.pull(whisper(), ignore)
    assert manage.presence(whisper()) is Presence.BEGUN
    assert not (tmp_path / "tiny").exists()
    hub.asked.clear()
    manage.pull(whisper(), ignore)
    assert [a.range for a in hub.gets("model.bin") if "/blobs/" in a.path] == ["bytes=100000-"]
    assert hub.gets("config.json") == []
    assert manage.verify(whisper(), ignore) == []


def test_an_interrupted_pull_goes_on_at_the_next(
    hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    hub.fail("model.bin", Fault(cut=300_000))

    def interrupt(transfer: Transfer) -> None:
        if transfer.step is Step.DOWNLOAD and transfer.done_bytes > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        manage.pull(whisper(), interrupt)
    (part,) = parts(tmp_path)
    assert part.stat().st_size > 0
    assert manage.pull(whisper(), ignore).is_new
    assert manage.verify(whisper(), ignore) == []


def test_a_server_that_ignores_ranges_sends_all_again(hub: Server, manage: ManageModels) -> None:
    hub.fail("model.bin", Fault(cut=100_000), Fault(is_rangeless=True))
    manage.pull(whisper(), ignore)
    assert manage.verify(whisper(), ignore) == []


def test_a_login_page_in_the_middle_costs_nothing_that_came_before(
    hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    hub.fail("model.bin", Fault(cut=100_000), Fault(status=200, body=b"<html>log in</html>"))
    with pytest.raises(AnotherFile, match=r"19 bytes instead of 512000"):
        manage.pull(whisper(), ignore)
    (part,) = parts(tmp_path)
    assert part.read_bytes() == WEIGHTS[:100_000]


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "config.json"])
def test_corrupt_bytes_are_thrown_away_and_said_so(
    name: str, hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    hub.fail(name, Fault(flip=1))
    with pytest.raises(CorruptDownload, match=rf"{name}.*thrown away"):
        manage.pull(whisper(), ignore)
    assert not (tmp_path / "tiny").exists()
    assert parts(tmp_path) == []
    assert manage.pull(whisper(), ignore).is_new
    assert manage.verify(whisper(), ignore) == []


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("name", ["model.bin", "/revision/main"])
def test_a_busy_server_is_asked_again(
    name: str, status: int, hub: Server, manage: ManageModels
) -> None:
    hub.fail(name, *[Fault(status=status, headers={"Retry-After": "0"})] * 2)
    assert manage.pull(whisper(), ignore).is_new


@pytest.mark.parametrize("name", ["model.bin", "/revision/main"])
def test_a_server_that_stays_busy_is_said_to_refuse(
    name: str, hub: Server, manage: ManageModels
) -> None:
    hub.fail(name, *[Fault(status=503)] * 3)
    with pytest.raises(ServerRefused, match="status 503"):
        manage.pull(whisper(), ignore)


def test_without_a_network_the_cure_names_the_proxy_and_the_mirror(tmp_path: Path) -> None:
    patience = Patience(tries=2, first_wait=0.01)
    nobody = WeightsFetcher("http://127.0.0.1:9", patience)
    manage = ManageModels((), FolderStore(tmp_path), nobody)
    with pytest.raises(Unreachable, match=r"(?s)127\.0\.0\.1:9.*HTTPS_PROXY.*HF_ENDPOINT"):
        manage.pull(whisper(), ignore)


def test_an_endpoint_that_is_no_hub_is_said_to_be_none(hub: Server, manage: ManageModels) -> None:
    hub.fail("/revision/main", Fault(status=200, body=b"<html>welcome</html>"))
    with pytest.raises(Unreachable, match="HF_ENDPOINT"):
        manage.pull(whisper(), ignore)


@pytest.mark.usefixtures("hub")
def test_hf_hub_offline_is_named(manage: ManageModels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(Unreachable, match="HF_HUB_OFFLINE"):
        manage.pull(whisper(), ignore)


def test_a_repository_that_is_gone_is_said_to_be_gone(manage: ManageModels) -> None:
    with pytest.raises(NotOnServer, match=REPOSITORY):
        manage.pull(whisper(), ignore)


def test_a_repository_without_a_wanted_file_is_refused(hub: Server, manage: ManageModels) -> None:
    del hub.repositories[REPOSITORY].files["vocabulary.txt"]
    with pytest.raises(NotOnServer, match=r"vocabulary\.\*"):
        manage.pull(whisper(), ignore)


@pytest.mark.parametrize("name", ["vocabulary.../../../x", "vocabulary.\\..\\x"])
def test_a_repository_cannot_write_outside_its_folder(
    name: str, hub: Server, manage: ManageModels
) -> None:
    hub.repositories[REPOSITORY].files[name] = b"x"
    with pytest.raises(CorruptDownload, match="it names a file"):
        manage.pull(whisper(), ignore)


# --- accounts -------------------------------------------------------------------------------


def test_a_gated_model_without_a_token_says_the_two_clicks(
    hub: Server, manage: ManageModels
) -> None:
    hub.repositories[REPOSITORY].is_gated = True
    cure = rf"no token.*1\. .*huggingface\.co/{REPOSITORY} 2\. .*settings/tokens.*hf auth login"
    with pytest.raises(GatedModel, match=cure):
        manage.pull(whisper(is_gated=True), ignore)


def test_a_token_whose_account_did_not_accept_is_said_to_be_that(
    hub: Server, manage: ManageModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories[REPOSITORY].is_gated = True
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(GatedModel, match="has not accepted"):
        manage.pull(whisper(), ignore)


def test_a_token_opens_a_gated_model_and_is_shown_to_the_hub_alone(
    hub: Server, manage: ManageModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = hub.repositories[REPOSITORY]
    repository.is_gated = True
    repository.accepted = frozenset({"hf_mine"})
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    assert manage.pull(whisper(is_gated=True), ignore).is_new
    shown = {asked.host for asked in hub.asked if asked.authorization}
    hidden = {asked.host for asked in hub.asked if not asked.authorization}
    assert shown == {hub.hub.removeprefix("http://")}
    assert hidden == {hub.cdn.removeprefix("http://")}


def test_a_token_the_hub_does_not_know_is_named(
    hub: Server, manage: ManageModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_old")
    message = {"X-Error-Message": "Invalid credentials in Authorization header"}
    hub.fail("/revision/main", Fault(status=401, headers=message))
    with pytest.raises(TokenRefused, match="Make a new one"):
        manage.pull(whisper(), ignore)


# --- archives -------------------------------------------------------------------------------


def test_an_archive_becomes_its_wanted_files_alone(
    server: Server, manage: ManageModels, tmp_path: Path
) -> None:
    tiny = sherpa(server, archive_of({**ARCHIVED, "test_wavs/0.wav": b"x" * 100}))
    manage.pull(tiny, ignore)
    there = contents(tmp_path / "tiny")
    assert there.pop("quoth.lock.json")
    assert there == ARCHIVED
    assert manage.verify(tiny, ignore) == []


def test_an_archive_that_is_cut_goes_on_at_the_next_pull(
    server: Server, manage: ManageModels
) -> None:
    tiny = sherpa(server, archive_of(ARCHIVED))
    server.fail("tiny.tar.bz2", Fault(cut=50), *[Fault(cut=0)] * 3)
    with pytest.raises(Unreachable):
        manage.pull(tiny, ignore)
    manage.pull(tiny, ignore)
    assert server.asked[-1].range == "bytes=50-"


def test_an_archive_with_another_hash_is_never_unpacked(
    server: Server, manage: ManageModels, tmp_path: Path
) -> None:
    tiny = sherpa(server, archive_of(ARCHIVED), sha256="0" * 64)
    with pytest.raises(CorruptDownload, match="thrown away"):
        manage.pull(tiny, ignore)
    assert set(contents(tmp_path)) == {".partial/tiny.in-use"}


def test_an_archive_that_lacks_a_file_is_refused_by_its_name(
    server: Server, manage: ManageModels
) -> None:
    tiny = sherpa(server, archive_of({"tokens.txt": b"x"}))
    with pytest.raises(CorruptDownload, match=r"lacks decoder\.int8\.onnx"):
        manage.pull(tiny, ignore)


def test_an_archive_that_unpacks_to_more_than_it_should_is_refused(
    server: Server, manage: ManageModels
) -> None:
    tiny = sherpa(server, archive_of(ARCHIVED), size=10_000)
    with pytest.raises(CorruptDownload, match="more than it should"):
        manage.pull(tiny, ignore)


def test_no_name_in_an_archive_becomes_a_path(
    server: Server, manage: ManageModels, tmp_path: Path
) -> None:
    tiny = sherpa(server, archive_of(ARCHIVED, folder="/../../elsewhere"))
    manage.pull(tiny, ignore)
    assert set(contents(tmp_path / "tiny")) == {*SHERPA_FILES, "quoth.lock.json"}
    assert not (tmp_path.parent / "elsewhere").exists()


def test_links_in_an_archive_are_not_followed(server: Server, manage: ManageModels) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as tar:
        for name in SHERPA_FILES:
            member = tarfile.TarInfo(f"x/{name}")
            member.type = tarfile.SYMTYPE
            member.linkname = "/etc/passwd"
            tar.addfile(member)
    with pytest.raises(CorruptDownload, match="lacks"):
        manage.pull(sherpa(server, buffer.getvalue()), ignore)


def test_what_is_no_archive_is_refused(server: Server, manage: ManageModels) -> None:
    with pytest.raises(CorruptDownload, match="cannot be unpacked"):
        manage.pull(sherpa(server, b"no archive at all"), ignore)


def test_an_archive_that_is_gone_is_said_to_be_gone(server: Server, manage: ManageModels) -> None:
    tiny = sherpa(server, archive_of(ARCHIVED))
    server.files.clear()
    with pytest.raises(NotOnServer, match=r"tiny\.tar\.bz2"):
        manage.pull(tiny, ignore)


def test_another_archive_in_its_place_is_not_fetched(server: Server, manage: ManageModels) -> None:
    tiny = sherpa(server, archive_of(ARCHIVED))
    server.files["/tiny.tar.bz2"] += b"more"
    with pytest.raises(AnotherFile):
        manage.pull(tiny, ignore)


# --- the folder -----------------------------------------------------------------------------


def test_a_model_that_is_whole_is_not_fetched_again(hub: Server, manage: ManageModels) -> None:
    manage.pull(whisper(), ignore)
    hub.asked.clear()
    assert not manage.pull(whisper(), ignore).is_new
    assert hub.asked == []


@pytest.mark.parametrize("is_lost", [True, False])
def test_verify_finds_damage_and_a_pull_mends_only_that(
    is_lost: bool,  # noqa: FBT001
    hub: Server,
    manage: ManageModels,
    tmp_path: Path,
) -> None:
    manage.pull(whisper(), ignore)
    damaged = tmp_path / "tiny/tokenizer.json"
    if is_lost:
        damaged.unlink()
    else:
        damaged.write_bytes(damaged.read_bytes().replace(b"added", b"addee"))
    (problem,) = manage.verify(whisper(), ignore)
    assert str(damaged) in problem
    hub.asked.clear()
    assert manage.pull(whisper(), ignore).is_new
    assert manage.verify(whisper(), ignore) == []
    assert hub.gets("model.bin") == []


def test_a_model_that_does_not_fit_is_not_begun(hub: Server, tmp_path: Path) -> None:
    store = FolderStore(tmp_path, free_bytes=lambda _: 100_500_000)
    with pytest.raises(NotEnoughDisk, match="about 1 MB"):
        ManageModels((), store, fetcher(hub)).pull(whisper(), ignore)
    assert hub.asked == []


def test_two_pulls_of_one_model_do_not_meet(
    hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    another = ManageModels((), FolderStore(tmp_path), fetcher(hub))

    def pull_too(_transfer: Transfer) -> None:
        with pytest.raises(AlreadyPulling, match="Another process"):
            another.pull(whisper(), ignore)
        with pytest.raises(AlreadyPulling):
            another.remove(whisper())

    assert manage.pull(whisper(), pull_too).is_new


@pytest.mark.usefixtures("hub")
def test_a_folder_that_somebody_else_made_is_left_alone(
    manage: ManageModels, tmp_path: Path
) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny/mine.bin").write_bytes(b"mine")
    assert manage.presence(whisper()) is Presence.BY_HAND
    actions: list[Callable[[], object]] = [
        lambda: manage.pull(whisper(), ignore),
        lambda: manage.verify(whisper(), ignore),
        lambda: manage.remove(whisper()),
    ]
    for action in actions:
        with pytest.raises(NotInstalledByQuoth, match="left alone"):
            action()
    assert (tmp_path / "tiny/mine.bin").read_bytes() == b"mine"


@pytest.mark.usefixtures("hub")
def test_remove_takes_what_was_pulled_and_a_pull_brings_it_back(
    manage: ManageModels, tmp_path: Path
) -> None:
    manage.pull(whisper(), ignore)
    assert manage.remove(whisper()) == []
    assert not (tmp_path / "tiny").exists()
    assert manage.presence(whisper()) is Presence.ABSENT
    assert manage.pull(whisper(), ignore).is_new


@pytest.mark.usefixtures("hub")
def test_remove_leaves_what_was_put_beside_it(manage: ManageModels, tmp_path: Path) -> None:
    manage.pull(whisper(), ignore)
    notes = tmp_path / "tiny/notes.txt"
    notes.write_text("mine")
    assert manage.remove(whisper()) == [notes]
    assert contents(tmp_path / "tiny") == {"notes.txt": b"mine"}


def test_remove_takes_what_an_unfinished_pull_left(
    hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    hub.fail("model.bin", *[Fault(cut=0)] * 4)
    with pytest.raises(Unreachable):
        manage.pull(whisper(), ignore)
    manage.remove(whisper())
    assert manage.presence(whisper()) is Presence.ABSENT
    assert set(contents(tmp_path)) == {".partial/tiny.in-use"}


def test_what_is_not_here_cannot_be_verified_or_removed(manage: ManageModels) -> None:
    for action in (manage.remove, lambda each: manage.verify(each, ignore)):
        with pytest.raises(InvalidParameter, match="quoth models pull tiny"):
            action(whisper())


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        '{"version": 2}',
        ESCAPING_LOCK,
    ],
)
@pytest.mark.usefixtures("hub")
def test_a_lock_that_cannot_be_trusted_is_refused(
    damage: str, manage: ManageModels, tmp_path: Path
) -> None:
    manage.pull(whisper(), ignore)
    (tmp_path / "tiny/quoth.lock.json").write_text(damage)
    for action in (manage.remove, lambda each: manage.verify(each, ignore)):
        with pytest.raises(DamagedLock, match="cannot be read"):
            action(whisper())
    assert (tmp_path / "tiny/model.bin").is_file()


def test_files_of_several_repositories_go_to_their_folders(
    hub: Server, manage: ManageModels, tmp_path: Path
) -> None:
    hub.repositories["quoth/voices"] = Repository({"pytorch_model.bin": b"v" * 5000}, "c" * 40)
    both = model(
        HubSource(REPOSITORY, ("config.json",)),
        HubSource("quoth/voices", ("pytorch_model.bin",), folder="voices"),
    )
    manage.pull(both, ignore)
    assert (tmp_path / "tiny/voices/pytorch_model.bin").read_bytes() == b"v" * 5000
    assert manage.verify(both, ignore) == []
    manage.remove(both)
    assert not (tmp_path / "tiny").exists()


def test_an_error_of_a_pull_is_always_one_sentence_for_the_user(
    hub: Server, manage: ManageModels
) -> None:
    hub.fail("model.bin", Fault(status=418))
    with pytest.raises(ModelError, match="status 418"):
        manage.pull(whisper(), ignore)
