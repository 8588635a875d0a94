"""Loading and running networks on ONNX Runtime."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from quoth.domain.errors import EngineFailed, EngineUnavailable

Provider: TypeAlias = str | tuple[str, Mapping[str, str]]
"""An execution provider of ONNX Runtime, by itself or with its options."""

CPU: Sequence[Provider] = ("CPUExecutionProvider",)
_CUDA = "CUDAExecutionProvider"

log = logging.getLogger(__name__)

_CURE = "Install quoth-weights again, or name another file."


def providers_for(device: str, arena_extend_strategy: str) -> Sequence[Provider]:
    """Return the execution providers for a device.

    Args:
        device: `cpu`, `cuda`, `cuda:1`.
        arena_extend_strategy: how ONNX Runtime's memory on a GPU grows: `kSameAsRequested` by
            what is needed, `kNextPowerOfTwo` by doubling. It reads no variable for it itself.
    """
    kind, _, index = device.partition(":")
    if kind != "cuda":
        return CPU
    options = {
        "device_id": index or "0",
        "arena_extend_strategy": arena_extend_strategy,
        "cudnn_conv_algo_search": "HEURISTIC",  # the default tries every algorithm on every shape
    }
    return ((_CUDA, options), *CPU)


class Network:
    """One ONNX file with one output.

    Args:
        model: the file.
        threads: threads of the session; idle ones sleep, other work shares the cores.
        providers: ONNX Runtime's execution providers, the wanted one first.
        inputs: how many it must take.

    Raises:
        EngineUnavailable: if the file is missing, broken, or has other inputs and outputs.
    """

    def __init__(
        self, model: Path, threads: int, providers: Sequence[Provider], inputs: int = 1
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, list(providers))
        except Exception as error:
            raise EngineUnavailable("diarization", str(error), _CURE) from error
        if providers[0] != CPU[0] and self.device == "cpu":
            log.warning("%s computes on the processor: CUDA does not start", model.name)
        self._inputs = [node.name for node in self._session.get_inputs()]
        if len(self._inputs) != inputs or len(self._session.get_outputs()) != 1:
            raise EngineUnavailable("diarization", f"{model.name} is another model", _CURE)

    @property
    def device(self) -> str:
        """Where it computes: `cuda` or `cpu`."""
        return "cuda" if self._session.get_providers()[0].startswith("CUDA") else "cpu"

    def __call__(self, *values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the network makes of the values.

        Raises:
            EngineFailed: if ONNX Runtime could not do it.
        """
        try:
            result: NDArray[np.float32] = self._session.run(
                None, dict(zip(self._inputs, values, strict=True))
            )[0]
        except Exception as error:
            raise EngineFailed("diarization", str(error)) from error
        return result
