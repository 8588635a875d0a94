"""Where NeMo models are found, and what is said of them before they are loaded."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from quoth.adapters.nemo.checkpoint import read_checkpoint
from quoth.adapters.nemo.model_files import (
    NemoFiles,
    describe_nemo,
    find_nemo_model,
    installed_nemo_models,
)
from quoth.adapters.nemo.settings import settings_for
from quoth.domain.errors import EngineUnavailable, UnknownModel
from tests.nemo_models import write_nemo_file
from tests.tiny_parakeet import NEMO_FILE

V3 = "parakeet-tdt-0.6b-v3"


@pytest.fixture(autouse=True)
def hub_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    cache = tmp_path / "cache"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(NEMO_FILE, path)
    return path


@pytest.mark.parametrize("asked", [V3, f"nvidia/{V3}", f"{V3}.nemo", None])
def test_a_model_that_was_pulled_is_found_by_every_name_of_it(
    asked: str | None, folder: Path
) -> None:
    path = put(folder / V3 / f"{V3}.nemo")
    assert find_nemo_model(asked, [folder / "absent", folder]) == (path, V3)


def test_a_file_put_into_the_folder_by_hand_is_found(folder: Path) -> None:
    path = put(folder / "my-dialect.nemo")
    assert find_nemo_model("my-dialect", [folder]) == (path, "my-dialect")
    assert find_nemo_model(None, [folder]).name == "my-dialect"


def test_a_path_is_taken_as_it_is(folder: Path) -> None:
    path = put(folder / "elsewhere" / "my.nemo")
    assert find_nemo_model(str(path)) == (path, "my")
    assert find_nemo_model(str(path.parent)) == (path, "elsewhere")


def test_a_model_of_the_hub_is_found_in_its_cache(hub_cache: Path) -> None:
    repository = hub_cache / f"models--nvidia--{V3}"
    path = put(repository / "snapshots" / "abc" / f"{V3}.nemo")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    for asked in (V3, f"nvidia/{V3}", None):
        assert find_nemo_model(asked) == (path, V3)


def test_v3_is_preferred_to_v2_and_both_to_others(folder: Path) -> None:
    for name in ("another", "parakeet-tdt-0.6b-v2", V3):
        put(folder / name / "model.nemo")
    assert find_nemo_model(None, [folder]).name == V3
    shutil.rmtree(folder / V3)
    assert find_nemo_model(None, [folder]).name == "parakeet-tdt-0.6b-v2"


@pytest.mark.parametrize(
    ("asked", "kind", "cure"),
    [
        (None, EngineUnavailable, f"quoth models pull {V3}"),
        (V3, EngineUnavailable, f"quoth models pull {V3}"),
        ("nvidia/stt_en_fastconformer_ctc_large", EngineUnavailable, "hf download nvidia/stt_en"),
        ("/nowhere/model.nemo", EngineUnavailable, "Check NEMO_MODEL"),
        ("nonsense", UnknownModel, "does not exist"),
    ],
)
def test_a_model_that_is_not_here_comes_with_its_cure(
    asked: str | None, kind: type[Exception], cure: str, folder: Path
) -> None:
    with pytest.raises(kind, match=cure):
        find_nemo_model(asked, [folder])


@pytest.mark.parametrize("count", [0, 2])
def test_a_folder_that_does_not_hold_one_model_is_refused(count: int, folder: Path) -> None:
    folder.mkdir()
    for index in range(count):
        put(folder / f"{index}.nemo")
    with pytest.raises(EngineUnavailable, match=f"{count} .nemo files"):
        find_nemo_model(str(folder))


def test_each_name_is_listed_once(folder: Path, tmp_path: Path) -> None:
    put(folder / "one" / "a.nemo")
    put(folder / "two.nemo")
    put(tmp_path / "more" / "two.nemo")
    (folder / "empty").mkdir()
    found = installed_nemo_models([folder, tmp_path / "more"])
    assert [files.name for files in found] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "vocabulary", "languages"),
    [
        ("parakeet-tdt-0.6b-v2", 1024, ("en",)),
        ("renamed", 8192, 25),
        ("stt_de_fastconformer_transducer_large", 1024, ("de",)),
    ],
)
def test_languages_are_told_from_vocabulary_and_name(
    name: str, vocabulary: int, languages: tuple[str, ...] | int, tmp_path: Path
) -> None:
    configuration: dict[str, Any] = {
        "target": read_checkpoint(NEMO_FILE).configuration["target"],
        "labels": [f"t{index}" for index in range(vocabulary)],
    }
    path = write_nemo_file(tmp_path, yaml.dump(configuration).encode())
    told = describe_nemo(NemoFiles(path, name)).languages
    assert (len(told) if isinstance(languages, int) else told) == languages
    assert list(told) == sorted(told)


def test_device_and_precision_are_told_before_it_is_loaded() -> None:
    files = NemoFiles(NEMO_FILE, "tiny")
    on_gpu = describe_nemo(files, "cuda:1", settings_for("cuda:1"))
    assert (on_gpu.device, on_gpu.provider) == ("cuda:1", "nemo-fp16")
    assert describe_nemo(files, "cpu", settings_for("cpu")).provider == "nemo-fp32"
    assert describe_nemo(files, "cpu", settings_for("cpu", "bf16")).provider == "nemo-bf16"


def test_a_transducer_takes_streams_unless_there_is_to_be_no_sound_behind_a_word() -> None:
    files = NemoFiles(NEMO_FILE, "tiny-parakeet")
    assert describe_nemo(files, "cpu", settings_for("cpu")).has_streaming
    assert not describe_nemo(files, "cpu", settings_for("cpu", stream_right=0)).has_streaming
