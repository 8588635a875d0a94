"""Loading pyannote's networks: tensors and three plain classes, no pickles, no telemetry."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any, NamedTuple

from quoth.adapters.pyannote.model_files import DIARIZER, RECIPES, PyannoteFiles
from quoth.adapters.pytorch.environment import set_environment
from quoth.adapters.pytorch.errors import is_out_of_memory
from quoth.adapters.pytorch.torchaudio import import_torchaudio
from quoth.domain.errors import EngineUnavailable

_INSTALL = "Install it with: pip install 'quoth[nemo]', or set DIARIZER=onnx."
_NETWORKS = {
    ("pyannote.audio.models.segmentation.PyanNet", "PyanNet"),
    ("pyannote.audio.models.embedding.wespeaker", "WeSpeakerResNet34"),
}
"""Module and class of the networks that the known pipelines are made of."""


class LoadedPipeline(NamedTuple):
    """pyannote's `SpeakerDiarization`, and the two networks in it."""

    pipeline: Any
    segmentation: Any
    embedding: Any


def load_pipeline(files: PyannoteFiles, device: str) -> LoadedPipeline:
    """Load a model onto a device.

    Raises:
        EngineUnavailable: if pyannote is not installed, the files are damaged, or they do not fit.
    """
    recipe = RECIPES[files.name]
    if files.missing:
        cure = f"Run: quoth models pull {files.name}"
        raise EngineUnavailable(DIARIZER, f"it lacks {', '.join(files.missing)}", cure)
    import_pyannote()
    try:
        return make_pipeline(
            load_network(files.path / recipe.segmentation),
            load_network(files.path / recipe.embedding),
            files.path / recipe.plda if recipe.plda else None,
            dict(recipe.clustering),
            device,
        )
    except EngineUnavailable:
        raise
    except Exception as error:  # pyannote raises whatever its parts raise
        detail = str(error).partition("\n")[0] or type(error).__name__
        cure = f"Run: quoth models pull {files.name}"
        if is_out_of_memory(error):
            cure = "Close other programs, or set DIARIZER=onnx."
        raise EngineUnavailable(
            DIARIZER, f"{files.path} cannot be loaded ({detail})", cure
        ) from error


def make_pipeline(
    segmentation: Any,
    embedding: Any,
    plda: Path | None,
    clustering: dict[str, float | str],
    device: str,
) -> LoadedPipeline:
    """Put a pipeline together from its networks.

    Args:
        segmentation: a pyannote model with powerset outputs.
        embedding: a pyannote model of voices.
        plda: folder for VBx; None takes agglomerative clustering.
        clustering: its parameters.
        device: `cpu`, `cuda` or `cuda:1`.
    """
    pyannote = import_pyannote()
    if not segmentation.specifications.powerset:
        cure = f"Take one of: {', '.join(RECIPES)}."
        raise EngineUnavailable(DIARIZER, "the segmentation is of an older kind", cure)
    compared = pyannote.PLDA.from_pretrained(str(plda)) if plda else _nothing(pyannote.PLDA)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = pyannote.SpeakerDiarization(
            segmentation=segmentation,
            embedding=embedding,
            plda=compared,
            clustering="VBxClustering" if plda else "AgglomerativeClustering",
            embedding_exclude_overlap=True,
        )
        pipeline.instantiate({"segmentation": {"min_duration_off": 0.0}, "clustering": clustering})
        pipeline.to(pyannote.torch.device(device))
    return LoadedPipeline(pipeline, segmentation, embedding)


def load_network(path: Path) -> Any:
    """Return a network from its checkpoint, in evaluation mode.

    The checkpoint is read as tensors and the plain classes it describes itself with; pyannote
    itself would unpickle it.

    Raises:
        EngineUnavailable: if it is damaged, names other code, or another kind of network.
    """
    pyannote = import_pyannote()
    try:
        with pyannote.torch.serialization.safe_globals(pyannote.plain_classes):
            read = pyannote.torch.load(str(path), map_location="cpu", weights_only=True)
        network = _network_class(read)(**read["hyper_parameters"])
        network.on_load_checkpoint(read)
        weights = read["state_dict"].items()
        network.load_state_dict({name: w for name, w in weights if not name.startswith("loss_")})
    except Exception as error:
        detail = str(error).partition("\n")[0] or type(error).__name__
        cure = "Fetch it again with `quoth models pull`; take no model from where you do not trust."
        raise EngineUnavailable(DIARIZER, f"{path} cannot be read ({detail})", cure) from error
    return network.eval()


def _network_class(checkpoint: Any) -> Any:
    architecture = checkpoint["pyannote.audio"]["architecture"]
    module, name = architecture["module"], architecture["class"]
    if (module, name) not in _NETWORKS:
        raise ValueError(f"it holds a network {module}.{name}")
    return getattr(sys.modules[module], name)


class _Pyannote:
    """The parts of pyannote that are used, imported together."""

    def __init__(self) -> None:
        import torch  # noqa: PLC0415 - 4 s and 400 MB

        import_torchaudio()
        from pyannote.audio.core.plda import PLDA  # noqa: PLC0415
        from pyannote.audio.core.task import (  # noqa: PLC0415
            Problem,
            Resolution,
            Specifications,
        )
        from pyannote.audio.models.embedding import wespeaker  # noqa: F401, PLC0415
        from pyannote.audio.models.segmentation import PyanNet  # noqa: F401, PLC0415
        from pyannote.audio.pipelines import SpeakerDiarization  # noqa: PLC0415

        self.torch = torch
        self.PLDA = PLDA
        self.SpeakerDiarization = SpeakerDiarization
        self.plain_classes = [
            Problem,
            Resolution,
            Specifications,
            torch.torch_version.TorchVersion,
        ]


def import_pyannote() -> _Pyannote:
    """Import pyannote with its telemetry off.

    Raises:
        EngineUnavailable: if it is not installed or not loadable.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    set_environment()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _Pyannote()
    except (ImportError, OSError) as error:
        problem = f"pyannote cannot be loaded ({error})"
        raise EngineUnavailable(DIARIZER, problem, _INSTALL) from error


def _nothing(kind: type) -> object:
    """Return an empty PLDA: pyannote wants one even where nothing is compared with it."""
    return object.__new__(kind)
