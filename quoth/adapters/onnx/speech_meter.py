"""Voice activity frame by frame: silero's network, its memory in the hands of its caller."""

from pathlib import Path

import numpy as np

from quoth.adapters.onnx.speech_detection import load_silero, with_context
from quoth.domain.audio import Samples
from quoth.domain.errors import EngineFailed
from quoth.domain.voice_activity import FRAME_SAMPLES
from quoth.ports.live import Hearing

_STATE = 128
_CONTEXT = 64


class OnnxSpeechMeter:
    """A `SpeechMeter`; see `OnnxSpeechDetector`, whose network it runs, for the source.

    Args:
        model: the ONNX file.

    Raises:
        EngineUnavailable: if the file is no such model.
    """

    needs_no_turn = frozenset({"listen"})

    def __init__(self, model: Path) -> None:
        self._session = load_silero(model, threads=1)

    def listen(
        self, samples: Samples, hearing: Hearing | None = None
    ) -> tuple[list[float], Hearing]:
        """Return the probability of each frame; see the port.

        Raises:
            EngineFailed: if ONNX Runtime could not do it.
        """
        state = np.zeros(2 * _STATE + _CONTEXT, np.float32) if hearing is None else hearing.state
        hidden, cell = state[:_STATE], state[_STATE : 2 * _STATE]
        frames = len(samples) // FRAME_SAMPLES
        batch, context = with_context(samples, state[2 * _STATE :], frames)
        inputs = {"input": batch, "h": hidden.reshape(1, 1, -1), "c": cell.reshape(1, 1, -1)}
        try:
            found, hidden, cell = self._session.run(None, inputs)
        except RuntimeError as error:
            raise EngineFailed("speech detection", str(error)) from error
        kept = np.concatenate([hidden.ravel(), cell.ravel(), context])
        return [float(each) for each in found.ravel()], Hearing(kept)
