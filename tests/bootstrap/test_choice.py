"""Which engine is taken on which machine, and what is said about it."""

import shutil
from pathlib import Path

import pytest

from quoth.adapters.pyannote.model_files import RECIPES
from quoth.bootstrap.choice import Choice, choose
from quoth.bootstrap.diarizers import choose_diarizer
from quoth.bootstrap.engines import engines
from quoth.bootstrap.machine import GPUS, Cores
from quoth.bootstrap.recognisers import Installation
from quoth.config import Settings
from quoth.domain.catalogue import model_named
from quoth.domain.errors import EngineUnavailable, UnknownModel
from tests.tiny_parakeet import FOLDER, NEMO_FILE

CORES = Cores(is_parallel=True, transcription_workers=2, transcription_threads=1, diarization=1)
V3 = "parakeet-tdt-0.6b-v3-int8"


def chosen(data: Path, **settings: str) -> Choice:
    given = Settings(quoth_data=data, **settings)  # type: ignore[arg-type]
    return choose(given.engine, engines(given, CORES))


@pytest.fixture
def with_parakeet(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "models" / V3, ignore=shutil.ignore_patterns("*.nemo"))
    return tmp_path


def test_auto_takes_whisper_where_nothing_else_is_and_names_the_command(tmp_path: Path) -> None:
    choice = chosen(tmp_path)
    assert choice.found.name == "whisper-base"
    assert choice.is_automatic
    assert "it wants a CUDA GPU" in choice.reason
    assert "no model for it is on this machine" in choice.reason
    assert f"quoth models pull {V3}" in str(choice)


def test_auto_takes_parakeet_where_its_weights_are(with_parakeet: Path) -> None:
    choice = chosen(with_parakeet)
    assert (choice.found.info.engine, choice.found.name) == ("sherpa", V3)
    assert choice.advice is None
    assert "best that is here" in str(choice)


def test_auto_passes_over_a_damaged_parakeet_and_says_so(with_parakeet: Path) -> None:
    (with_parakeet / "models" / V3 / "encoder.int8.onnx").write_bytes(b"cut")
    choice = chosen(with_parakeet)
    assert choice.found.info.engine == "whisper"
    assert "is damaged" in choice.reason


def test_auto_passes_over_a_model_that_is_not_here_and_says_so(tmp_path: Path) -> None:
    assert "'parrot' does not exist" in chosen(tmp_path, sherpa_model="parrot").reason


def test_an_engine_asked_for_by_name_is_taken_or_refused(with_parakeet: Path) -> None:
    assert chosen(with_parakeet, engine="whisper").found.name == "whisper-base"
    assert not chosen(with_parakeet, engine="sherpa").is_automatic
    with pytest.raises(EngineUnavailable, match=f"quoth models pull {V3}"):
        chosen(with_parakeet / "elsewhere", engine="sherpa")
    with pytest.raises(UnknownModel):
        chosen(with_parakeet, engine="sherpa", sherpa_model="parrot")


def test_a_device_that_is_not_there_is_an_error_that_lists_what_is(with_parakeet: Path) -> None:
    with pytest.raises(EngineUnavailable, match="one of: cpu"):
        chosen(with_parakeet, engine="sherpa", asr_provider="tpu")


def test_every_installed_model_is_listed_once_the_chosen_one_first(with_parakeet: Path) -> None:
    shutil.copytree(FOLDER, with_parakeet / "models" / "damaged")
    (with_parakeet / "models" / "damaged" / "tokens.txt").write_text("none")
    installation = Installation(Settings(quoth_data=with_parakeet))
    assert [info.model for info in installation.installed()] == [V3, "whisper-base"]
    assert V3 in installation.engine_choice


def test_only_a_model_nobody_named_leaves_languages_to_whisper(with_parakeet: Path) -> None:
    automatic = Installation(Settings(quoth_data=with_parakeet))
    fallback = automatic.transcribe().fallback
    assert fallback is not None
    assert fallback.info.model == "whisper-base"
    assert automatic.transcribe(V3).fallback is None
    assert automatic.transcribe("whisper-base").fallback is None
    named = Installation(Settings(quoth_data=with_parakeet, engine="sherpa"))
    assert named.transcribe().fallback is None
    assert named.transcribe().language_detector is not None


def test_nemo_that_is_not_installed_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quoth.bootstrap.engines.find_spec", lambda _: None)
    with pytest.raises(EngineUnavailable, match=r"start\.sh install nemo"):
        chosen(tmp_path, engine="nemo", nemo_model=str(NEMO_FILE))


def test_auto_takes_nemo_where_a_gpu_and_its_weights_are(
    with_parakeet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quoth.bootstrap.engines.find_spec", lambda _: object())
    monkeypatch.setitem(GPUS, "nemo", lambda: ["cuda:0"])
    choice = chosen(with_parakeet, nemo_model=str(NEMO_FILE))
    info = choice.found.info
    assert (info.engine, info.device, info.provider) == ("nemo", "cuda", "nemo-fp16")
    without_weights = chosen(with_parakeet)
    assert without_weights.found.info.engine == "sherpa"
    assert "quoth models pull parakeet-tdt-0.6b-v3" in without_weights.reason


@pytest.mark.parametrize(
    ("engine", "wanted", "expected"),
    [
        ("nemo", None, 500.0),
        ("sherpa", None, None),
        ("nemo", 0.0, None),
        ("sherpa", 60.0, 60.0),
    ],
)
def test_recordings_are_worked_on_in_stretches_as_the_engine_likes_or_as_set(
    tmp_path: Path, engine: str, wanted: float | None, expected: float | None
) -> None:
    installation = Installation(Settings(quoth_data=tmp_path, chunk_duration=wanted))
    assert installation._chunk_duration(engine) == expected


def test_pyannote_is_taken_beside_nemo_alone_and_only_where_it_is(tmp_path: Path) -> None:
    settings = Settings(quoth_data=tmp_path)
    beside_whisper = choose_diarizer(settings, "whisper", CORES)
    assert (beside_whisper.info.diarizer, beside_whisper.reason) == (
        "onnx",
        "It is the packaged one.",
    )
    beside_nemo = choose_diarizer(settings, "nemo", CORES)
    assert beside_nemo.info.diarizer == "onnx"
    assert "The pyannote engine cannot start" in beside_nemo.reason
    with pytest.raises(EngineUnavailable, match="pyannote"):
        choose_diarizer(Settings(quoth_data=tmp_path, diarizer="pyannote"), "whisper", CORES)
    assert choose_diarizer(
        Settings(quoth_data=tmp_path, diarizer="onnx"), "nemo", CORES
    ).info.model.startswith("segmentation")


def test_pyannote_is_taken_where_it_and_its_weights_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in RECIPES["pyannote-3.1"].files:
        file = tmp_path / "models" / "pyannote-3.1" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"weights")
    monkeypatch.setattr("quoth.bootstrap.diarizers.find_spec", lambda _: object())
    choice = choose_diarizer(Settings(quoth_data=tmp_path), "nemo", CORES)
    assert (choice.info.diarizer, choice.info.model) == ("pyannote", "pyannote-3.1")


def test_pyannote_files_lie_where_a_pull_puts_them() -> None:
    for name, recipe in RECIPES.items():
        folders = {source.folder for source in model_named(name).sources}  # type: ignore[union-attr]
        for file in recipe.files:
            assert file.partition("/")[0] in folders or "" in folders
