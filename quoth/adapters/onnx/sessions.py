"""Loading and running networks on ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from quoth.domain.errors import EngineFailed, EngineUnavailable

_CURE = "Install quoth-weights again, or name another file."


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
        self, model: Path, threads: int, providers: Sequence[str], inputs: int = 1
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, list(providers))
        except Exception as error:
            raise EngineUnavailable("diarization", str(error), _CURE) from error
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
