"""Finding a Parakeet on disk, and refusing what would end the process."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from quoth.adapters.sherpa.model_files import (
    SherpaFiles,
    describe_sherpa,
    find_sherpa_model,
    installed_sherpa_models,
)
from quoth.adapters.sherpa.networks import check_networks
from quoth.adapters.sherpa.onnx_metadata import read_metadata
from quoth.domain.errors import EngineUnavailable, UnknownModel
from tests.tiny_parakeet import FOLDER

V3 = "parakeet-tdt-0.6b-v3-int8"


def copy(target: Path) -> Path:
    target.mkdir(parents=True)
    for file in [*FOLDER.glob("*.onnx"), FOLDER / "tokens.txt"]:
        shutil.copy(file, target / file.name)
    return target


@pytest.mark.parametrize("asked", [None, V3, f"sherpa-onnx-nemo-{V3}"])
@pytest.mark.parametrize("folder", [V3, f"sherpa-onnx-nemo-{V3}"])
def test_a_model_is_found_by_name(tmp_path: Path, folder: str, asked: str | None) -> None:
    path = copy(tmp_path / folder)
    assert find_sherpa_model(asked, [tmp_path / "absent", tmp_path]) == (path, V3)
    assert installed_sherpa_models([tmp_path]) == [(path, V3)]


def test_unasked_the_multilingual_parakeet_is_taken(tmp_path: Path) -> None:
    for name in ("mine", "parakeet-tdt-0.6b-v2-int8", V3):
        copy(tmp_path / name)
    assert find_sherpa_model(None, [tmp_path]).name == V3


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    path = copy(tmp_path / "dialect")
    assert find_sherpa_model(str(path)) == (path, "dialect")


def test_what_is_missing_comes_with_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=f"quoth models pull {V3}"):
        find_sherpa_model(None, [tmp_path])
    with pytest.raises(EngineUnavailable, match=r"quoth models pull parakeet-tdt-0\.6b-v2-int8"):
        find_sherpa_model("parakeet-tdt-0.6b-v2-int8", [tmp_path])
    with pytest.raises(UnknownModel, match="parrot"):
        find_sherpa_model("parrot", [tmp_path])


def test_a_model_says_what_it_can_do_before_it_is_loaded() -> None:
    info = describe_sherpa(SherpaFiles(FOLDER, "tiny-parakeet"))
    assert info.languages == ("en",)
    assert (info.provider, info.longest_window) == ("sherpa-onnx-int8", 30.0)


def test_properties_are_read_without_loading_the_model() -> None:
    metadata = read_metadata(FOLDER / "encoder.int8.onnx")
    assert metadata["vocab_size"] == "112"
    assert metadata["model_type"] == "EncDecRNNTBPEModel"
    assert read_metadata(FOLDER / "joiner.int8.onnx") == {"onnx.infer": "onnxruntime.quant"}


@pytest.mark.parametrize("name", ["encoder.int8.onnx", "decoder.int8.onnx", "tokens.txt"])
def test_a_folder_that_lacks_a_file_says_which(tmp_path: Path, name: str) -> None:
    path = copy(tmp_path / "cut")
    (path / name).unlink()
    with pytest.raises(EngineUnavailable, match=name.replace(".int8", "")):
        find_sherpa_model(str(path))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("encoder.int8.onnx", b"", "no network"),
        ("encoder.int8.onnx", b"<html>404</html>", "no ONNX model|cut short"),
        ("joiner.int8.onnx", b"<html>404</html>", "joiner"),
        ("decoder.int8.onnx", b"", "decoder"),
        ("tokens.txt", b"", "tokens"),
        ("tokens.txt", b"a 0\nb 1\n<blk> 2\n", "other tokens"),
        ("tokens.txt", b"\xff\xfe", "tokens"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = copy(tmp_path / "damaged")
    (path / name).write_bytes(content)
    with pytest.raises(EngineUnavailable, match=words):
        check_networks(SherpaFiles(path, "damaged"))


def test_swapped_networks_are_refused(tmp_path: Path) -> None:
    path = copy(tmp_path / "swapped")
    shutil.copy(FOLDER / "decoder.int8.onnx", path / "joiner.int8.onnx")
    with pytest.raises(EngineUnavailable, match=r"joiner\.int8\.onnx has 4 inputs"):
        check_networks(SherpaFiles(path, "swapped"))


def test_a_model_that_does_not_say_that_it_tells_durations_is_refused(tmp_path: Path) -> None:
    path = copy(tmp_path / "renamed")
    encoder = path / "encoder.int8.onnx"
    encoder.write_bytes(encoder.read_bytes().replace(b"parakeet-tdt", b"parakeet-xxx"))
    with pytest.raises(EngineUnavailable, match="118 outputs for 112 tokens"):
        check_networks(SherpaFiles(path, "renamed"))


LOAD = """
import sys
from pathlib import Path
from quoth.adapters.sherpa.model_files import SherpaFiles
from quoth.adapters.sherpa.transcription import SherpaTranscriber
from quoth.domain.errors import EngineUnavailable
try:
    SherpaTranscriber(SherpaFiles(Path(sys.argv[1]), "damaged"))
except EngineUnavailable as error:
    sys.exit(7)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16))
def test_no_damage_ends_the_process_that_loads_the_model(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    path = copy(tmp_path / "damaged")
    victim = chance.choice(sorted(path.iterdir()))
    content = bytearray(victim.read_bytes())
    if chance.random() < 0.5:
        del content[chance.randrange(len(content)) :]
    else:
        for _ in range(chance.choice([1, 20, 400])):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    victim.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(path)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode in {0, 7}, (victim.name, done.stderr.decode())
