"""The packaged networks as pyannote sees them: its pipeline on the same weights as ours."""

import importlib.util
import os
from typing import Any

import numpy as np
import onnxruntime
import pytest
import quoth_weights

from quoth.adapters.onnx.features import log_mel
from quoth.adapters.pyannote.loading import LoadedPipeline, import_pyannote, make_pipeline

THRESHOLD = 0.8
"""Of the packaged CAM++ without the ReLU behind it, as in docs/adr/0003-diarizer.md."""
_FEWEST_FRAMES = 20


def require_pyannote() -> None:
    """Skip where pyannote, which needs torch, is not installed; fail where it is asked for."""
    if importlib.util.find_spec("torch") and importlib.util.find_spec("pyannote.audio"):
        return
    message = "pyannote is missing: pip install 'quoth[nemo]'"
    if os.environ.get("QUOTH_TEST_NEMO"):
        pytest.fail(message)
    pytest.skip(message)


def packaged_pipeline() -> LoadedPipeline:
    """Return pyannote's pipeline, agglomerative, on segmentation-3.0 and CAM++ from the package."""
    clustering: dict[str, float | str] = {
        "method": "centroid",
        "min_cluster_size": 12,
        "threshold": THRESHOLD,
    }
    return make_pipeline(_segmentation(), _voices(), None, clustering, "cpu")


def _session(model: str, file: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    path = quoth_weights.directory(model) / file
    return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])


def _segmentation() -> Any:
    torch = import_pyannote().torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: PLC0415
    from pyannote.audio.models.segmentation import PyanNet  # noqa: PLC0415

    session = _session("segmentation-3.0", "model.onnx")
    (name,) = [node.name for node in session.get_inputs()]

    class PackagedSegmentation(PyanNet):  # type: ignore[misc]
        def forward(self, waveforms: Any) -> Any:
            return torch.from_numpy(session.run(None, {name: waveforms.numpy()})[0])

    network = PackagedSegmentation()
    network.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=10.0,
        classes=["one", "two", "three"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    network.setup()
    return network.eval()


def _voices() -> Any:
    torch = import_pyannote().torch
    from pyannote.audio import Model  # noqa: PLC0415

    trunk, pooling = (_session("campplus", file) for file in ("model.onnx", "pooling.onnx"))
    features_name = trunk.get_inputs()[0].name
    members_name, frames_name = [node.name for node in pooling.get_inputs()]

    class PackagedVoices(Model):  # type: ignore[misc]
        dimension = 192

        def forward(self, waveforms: Any, weights: Any = None) -> Any:
            voices = np.full((len(waveforms), self.dimension), np.nan, np.float32)
            for row, waveform in enumerate(waveforms.numpy()):
                features = log_mel(waveform[0])
                if weights is not None:
                    features = features[_stretched(weights[row].numpy(), len(features))]
                if len(features) < _FEWEST_FRAMES:
                    if weights is None:
                        raise ValueError("too short")
                    continue
                features = features - features.mean(axis=0)
                heard = trunk.run(None, {features_name: features[None]})[0][0].T
                members = np.ones((1, len(heard)), np.float32)
                voices[row] = pooling.run(None, {members_name: members, frames_name: heard})[0][0]
            return torch.from_numpy(voices)

    return PackagedVoices(sample_rate=16_000, num_channels=1).eval()


def _stretched(mask: np.ndarray, length: int) -> np.ndarray:
    """Return a mask of other length, each place with its nearest value."""
    return np.asarray(mask[np.arange(length) * len(mask) // length] > 0.0)
