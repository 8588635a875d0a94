import json
from pathlib import Path

import pytest
import quoth_weights

from quoth.adapters.whisper.model_files import (
    describe_whisper,
    find_whisper_model,
    installed_whisper_models,
)
from quoth.domain.errors import EngineUnavailable, UnknownModel

PACKAGED = quoth_weights.directory("whisper-base-int8")


def model_folder(path: Path, vocabulary: int = 51_866, languages: tuple[str, ...] = ()) -> Path:
    path.mkdir(parents=True)
    (path / "model.bin").write_bytes(b"weights")
    (path / "config.json").write_text("{}")
    tokens = [{"content": f"<|{language}|>"} for language in languages]
    tokens += [{"content": "<|endoftext|>"}, {"content": "<|transcribe|>"}]
    (path / "tokenizer.json").write_text(json.dumps({"added_tokens": tokens}))
    (path / "vocabulary.json").write_text(json.dumps([str(index) for index in range(vocabulary)]))
    return path


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("asked", ["base", "whisper-base", "Systran/faster-whisper-base"])
def test_base_is_packaged(asked: str) -> None:
    assert find_whisper_model(asked) == (PACKAGED, "whisper-base")


@pytest.mark.parametrize(
    ("folder", "asked", "name"),
    [
        ("faster-whisper-small", "small", "whisper-small"),
        ("small", "small", "whisper-small"),
        ("small", "whisper-small", "whisper-small"),
        ("faster-whisper-large-v3-turbo", "turbo", "whisper-large-v3-turbo"),
        ("faster-whisper-large-v3-turbo", "large-v3-turbo", "whisper-large-v3-turbo"),
        ("faster-whisper-medium.en", "medium.en", "whisper-medium.en"),
        ("faster-distil-whisper-large-v3", "distil-large-v3", "distil-whisper-large-v3"),
    ],
)
def test_a_model_is_found_by_name_in_the_models_folder(
    folder: str, asked: str, name: str, tmp_path: Path
) -> None:
    path = model_folder(tmp_path / "models" / folder)
    assert find_whisper_model(asked, [tmp_path / "absent", tmp_path / "models"]) == (path, name)


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    path = model_folder(tmp_path / "my-dialect")
    assert find_whisper_model(str(path)) == (path, "whisper-my-dialect")


def test_a_known_model_that_is_absent_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="quoth models pull whisper-small"):
        find_whisper_model("small", [tmp_path])
    command = "hf download Systran/faster-whisper-tiny --local-dir .*faster-whisper-tiny"
    with pytest.raises(EngineUnavailable, match=command):
        find_whisper_model("tiny", [tmp_path])


def test_an_unknown_model_names_those_installed(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="Installed: whisper-base"):
        find_whisper_model("nonsense", [tmp_path])


@pytest.mark.parametrize("lost", ["tokenizer.json", "config.json", "vocabulary.json"])
def test_a_folder_that_lost_a_file_is_refused_by_its_name(lost: str, tmp_path: Path) -> None:
    path = model_folder(tmp_path / "small")
    (path / lost).unlink()
    with pytest.raises(EngineUnavailable, match=lost):
        find_whisper_model(str(path))
    assert [found.name for found in installed_whisper_models([tmp_path])] == ["whisper-base"]


def test_an_unreadable_tokenizer_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = model_folder(tmp_path / "small")
    (path / "tokenizer.json").write_text("{")
    with pytest.raises(EngineUnavailable, match="damaged"):
        describe_whisper(path, "whisper-small")


def test_installed_models_are_listed_with_the_packaged_one_first(tmp_path: Path) -> None:
    model_folder(tmp_path / "faster-whisper-small")
    model_folder(tmp_path / "faster-whisper-tiny.en")
    names = [found.name for found in installed_whisper_models([tmp_path])]
    assert names == ["whisper-base", "whisper-small", "whisper-tiny.en"]


def test_the_packaged_model_knows_99_languages() -> None:
    info = describe_whisper(PACKAGED, "whisper-base")
    assert len(info.languages) == 99
    assert {"en", "de", "ja", "haw"} <= set(info.languages)
    assert info.languages == tuple(sorted(info.languages))
    assert info.has_language_detection


def test_an_english_model_knows_english_alone(tmp_path: Path) -> None:
    path = model_folder(tmp_path / "tiny.en", vocabulary=51_864, languages=("en", "de"))
    info = describe_whisper(path, "whisper-tiny.en")
    assert info.languages == ("en",)
    assert not info.has_language_detection


def test_a_later_model_knows_the_languages_it_has_tokens_for(tmp_path: Path) -> None:
    path = model_folder(tmp_path / "v3", languages=("yue", "en", "haw"))
    assert describe_whisper(path, "whisper-large-v3").languages == ("en", "haw", "yue")
