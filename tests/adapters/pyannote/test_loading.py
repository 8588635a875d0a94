"""Which files make a pipeline, and what of them is believed."""

from pathlib import Path
from typing import Any

import pytest

from quoth.adapters.pyannote.loading import import_pyannote, load_network, load_pipeline
from quoth.adapters.pyannote.model_files import RECIPES, PyannoteFiles, find_pyannote_model
from quoth.domain.errors import EngineUnavailable
from tests.pyannote_networks import require_pyannote


def put(folder: Path, name: str) -> Path:
    for file in RECIPES[name].files:
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"weights")
    return folder / name


def test_community_1_is_preferred_to_3_1(tmp_path: Path) -> None:
    older = put(tmp_path, "pyannote-3.1")
    assert find_pyannote_model(None, [tmp_path]) == (older, "pyannote-3.1")
    newer = put(tmp_path, "pyannote-community-1")
    assert find_pyannote_model(None, [tmp_path]) == (newer, "pyannote-community-1")
    assert find_pyannote_model("pyannote-3.1", [tmp_path]).path == older


def test_a_model_that_is_not_here_says_how_to_get_past_its_gate(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"Accept its conditions.*HF_TOKEN.*quoth models"):
        find_pyannote_model(None, [tmp_path])


def test_a_model_that_lost_a_file_names_it(tmp_path: Path) -> None:
    (put(tmp_path, "pyannote-community-1") / "plda" / "plda.npz").unlink()
    with pytest.raises(EngineUnavailable, match=r"lacks plda/plda\.npz"):
        find_pyannote_model("pyannote-community-1", [tmp_path])


def test_an_unknown_pipeline_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"pyannote-community-1, pyannote-3\.1"):
        find_pyannote_model("mine", [tmp_path])


class Malice:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.write_text, (self.path, "here")


def checkpoint(folder: Path, **changes: Any) -> Path:
    """Write a segmentation network as pyannote keeps one, with random weights."""
    pyannote = import_pyannote()
    from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: PLC0415
    from pyannote.audio.models.segmentation import PyanNet  # noqa: PLC0415

    network = PyanNet()
    network.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        classes=["one", "two", "three"],
        powerset_max_classes=2,
    )
    network.setup()
    described = {
        "versions": {"pyannote.audio": "4.0.7"},
        "architecture": {"module": PyanNet.__module__, "class": "PyanNet"},
        "specifications": network.specifications,
    }
    kept = {
        "state_dict": network.state_dict(),
        "hyper_parameters": dict(network.hparams),
        "pyannote.audio": described,
    }
    path = folder / "pytorch_model.bin"
    pyannote.torch.save(kept | changes, path)
    return path


@pytest.mark.slow
def test_a_network_is_read_with_all_its_weights(tmp_path: Path) -> None:
    require_pyannote()
    network = load_network(checkpoint(tmp_path))
    assert network.specifications.powerset
    assert not network.training


@pytest.mark.slow
def test_a_checkpoint_that_would_run_code_does_not(tmp_path: Path) -> None:
    require_pyannote()
    path = checkpoint(tmp_path, callbacks=Malice(tmp_path / "sprung"))
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        load_network(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.slow
def test_a_checkpoint_of_another_class_is_refused(tmp_path: Path) -> None:
    require_pyannote()
    described = {"architecture": {"module": "subprocess", "class": "Popen"}}
    with pytest.raises(EngineUnavailable, match=r"subprocess\.Popen"):
        load_network(checkpoint(tmp_path, **{"pyannote.audio": described}))


@pytest.mark.slow
def test_a_checkpoint_without_its_weights_is_refused(tmp_path: Path) -> None:
    require_pyannote()
    with pytest.raises(EngineUnavailable, match="cannot be read"):
        load_network(checkpoint(tmp_path, state_dict={}))


@pytest.mark.slow
def test_a_damaged_model_says_how_to_fetch_it_again(tmp_path: Path) -> None:
    require_pyannote()
    files = PyannoteFiles(put(tmp_path, "pyannote-3.1"), "pyannote-3.1")
    with pytest.raises(EngineUnavailable, match="quoth models pull"):
        load_pipeline(files, "cpu")
