import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import quoth_weights
from quoth_weights import DamagedWeights

SMALLEST = "segmentation-3.0"

Damage = Callable[[bytes], bytes | None]


@pytest.mark.slow
@pytest.mark.parametrize("name", quoth_weights.NAMES)
def test_packaged_files_are_those_of_the_manifest(name: str) -> None:
    quoth_weights.verify(name)


@pytest.mark.parametrize("name", quoth_weights.NAMES)
def test_the_manifest_names_every_file_and_no_other(name: str) -> None:
    here = {file.name for file in quoth_weights.directory(name).iterdir()}
    assert here == {file["name"] for file in quoth_weights.MANIFEST[name]["files"]}


def test_unknown_weights_are_a_key_error() -> None:
    with pytest.raises(KeyError):
        quoth_weights.directory("whisper-enormous")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda content: content[:-1], "bytes instead of"),
        (lambda content: b"\0" + content[1:], "sha256"),
        (lambda _: None, "is missing"),
    ],
    ids=["cut short", "a byte changed", "gone"],
)
def test_damage_is_told_with_the_file_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Damage, complaint: str
) -> None:
    shutil.copytree(quoth_weights.directory(SMALLEST), tmp_path / SMALLEST)
    file = tmp_path / SMALLEST / "model.onnx"
    content = damage(file.read_bytes())
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setattr(quoth_weights, "_FOLDER", tmp_path)
    with pytest.raises(DamagedWeights, match=f"model.onnx.*{complaint}.*Install quoth-weights"):
        quoth_weights.verify(SMALLEST)
