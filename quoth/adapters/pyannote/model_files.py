"""pyannote's models on disk: what belongs to each, and where it is.

A pipeline's own `config.yaml` may name any Python class, so none is read: the two pipelines that
are known are written down here. Nothing here loads torch, and nothing downloads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from quoth.domain.errors import EngineUnavailable

DIARIZER = "pyannote"
_WEIGHTS = "pytorch_model.bin"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A pipeline as its authors publish it.

    Args:
        segmentation: file of the segmentation network, relative to the model's folder.
        embedding: file of the network that hears voices.
        plda: folder of what VBx compares voices with, None for plain clustering.
        clustering: parameters of the clustering.
    """

    segmentation: str
    embedding: str
    plda: str | None
    clustering: Mapping[str, float | str]

    @property
    def files(self) -> tuple[str, ...]:
        """All files it needs."""
        plda = (f"{self.plda}/plda.npz", f"{self.plda}/xvec_transform.npz") if self.plda else ()
        return (self.segmentation, self.embedding, *plda)


RECIPES: Mapping[str, Recipe] = {
    "pyannote-community-1": Recipe(
        f"segmentation/{_WEIGHTS}",
        f"embedding/{_WEIGHTS}",
        "plda",
        MappingProxyType({"threshold": 0.6, "Fa": 0.07, "Fb": 0.8}),
    ),
    "pyannote-3.1": Recipe(
        f"segmentation-3.0/{_WEIGHTS}",
        f"wespeaker-voxceleb-resnet34-LM/{_WEIGHTS}",
        None,
        MappingProxyType(
            {"method": "centroid", "min_cluster_size": 12, "threshold": 0.7045654963945799}
        ),
    ),
}
"""By name, the one that is preferred first; laid out as `quoth models pull` does."""


class PyannoteFiles(NamedTuple):
    """A model on disk: its folder, and its name, a key of `RECIPES`."""

    path: Path
    name: str

    @property
    def missing(self) -> list[str]:
        """What the folder lacks."""
        files = RECIPES[self.name].files
        return [name for name in files if not (self.path / name).is_file()]


def find_pyannote_model(asked: str | None, folders: Sequence[Path] = ()) -> PyannoteFiles:
    """Find a model by name, without downloading.

    Args:
        asked: a key of `RECIPES`, or None for the first that is here and whole.
        folders: where models are kept, one folder each.

    Raises:
        EngineUnavailable: if it is not here, not whole, or not known.
    """
    if asked is not None and asked not in RECIPES:
        problem = f"there is no pipeline {asked!r}"
        raise EngineUnavailable(DIARIZER, problem, f"There are: {', '.join(RECIPES)}.")
    names = RECIPES if asked is None else (asked,)
    found = [
        PyannoteFiles(folder / name, name)
        for name in names
        for folder in folders
        if (folder / name).is_dir()
    ]
    whole = [files for files in found if not files.missing]
    if whole:
        return whole[0]
    name = asked or next(iter(RECIPES))
    cure = (
        f"Accept its conditions on huggingface.co, set HF_TOKEN, and run: quoth models pull {name}"
    )
    if found:
        problem = f"{found[0].path} lacks {', '.join(found[0].missing)}"
        raise EngineUnavailable(DIARIZER, problem, cure)
    raise EngineUnavailable(DIARIZER, f"{name} is not on this machine", cure)
