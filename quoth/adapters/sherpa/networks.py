"""What the small networks of a transducer must be like; sherpa-onnx ends the process otherwise."""

from pathlib import Path

import onnxruntime

from quoth.adapters.sherpa.model_files import SherpaFiles, check_files, damaged
from quoth.adapters.sherpa.onnx_metadata import read_metadata

_DURATIONS = range(2, 33)
"""How many durations a token can have in a model that tells them (Parakeet: 0 to 4 frames)."""


def check_networks(files: SherpaFiles) -> None:
    """Load decoder and joiner, some megabytes, and hold them to what the encoder says of itself.

    Raises:
        EngineUnavailable: if they do not belong together.
    """
    size = check_files(files)
    encoder, decoder, joiner = files.networks
    classes = _last_axis(files, joiner, inputs=2)
    _last_axis(files, decoder, inputs=4)
    has_durations = "tdt" in read_metadata(encoder).get("url", "")
    durations = classes - (size + 1)
    if has_durations and durations not in _DURATIONS:
        raise damaged(files, f"{joiner.name} tells {durations} durations of tokens")
    if not has_durations and durations:
        raise damaged(files, f"{joiner.name} has {classes} outputs for {size} tokens")


def _last_axis(files: SherpaFiles, network: Path, inputs: int) -> int:
    """Return the number of classes of a network's first output, the only fixed axis it has."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(network), options, ["CPUExecutionProvider"])
    except Exception as error:
        raise damaged(files, f"{network.name}: {error}") from error
    if len(session.get_inputs()) != inputs:
        raise damaged(files, f"{network.name} has {len(session.get_inputs())} inputs")
    axes = [axis for axis in session.get_outputs()[0].shape if isinstance(axis, int)]
    if not axes:
        raise damaged(files, f"{network.name} has outputs of no known size")
    return axes[-1]
