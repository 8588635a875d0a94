"""Voice activity detection: silero's network on ONNX Runtime, a bounded piece at a time."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from quoth.domain.audio import SAMPLE_RATE, Interval, Samples, Waveform
from quoth.domain.errors import EngineFailed, EngineUnavailable
from quoth.ports.progress import Progress
from quoth.ports.speech_detector import USUAL_SPEECH, SpeechCriteria

_FRAME_SAMPLES = 512
_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (1, 1, 128)
_FRAME = _FRAME_SAMPLES / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class SpeechDetectorSettings:
    """When a frame of 32 ms counts as speech, and what is too short to matter.

    Args:
        threshold: probability from which speech begins.
        hysteresis: how far below the threshold the probability falls before speech ends.
        min_speech: seconds; shorter bursts are dropped.
        min_silence: seconds; shorter pauses belong to the speech around them.

    Raises:
        ValueError: if the threshold is not in (0, 1] or the hysteresis is negative.
    """

    threshold: float = 0.5
    hysteresis: float = 0.15
    min_speech: float = 0.1
    min_silence: float = 0.1

    def __post_init__(self) -> None:
        if not (0 < self.threshold <= 1 and self.hysteresis >= 0):
            raise ValueError(f"no threshold for speech: {self.threshold} less {self.hysteresis}")


class OnnxSpeechDetector:
    """Silero VAD version 6 (https://github.com/snakers4/silero-vad), as faster-whisper batches it.

    Args:
        model: the ONNX file.
        settings: thresholds.
        threads: threads of the session.
        piece_seconds: audio read at once; it bounds the memory and changes no result.

    Raises:
        EngineUnavailable: if the file is no such model.
    """

    def __init__(
        self,
        model: Path,
        settings: SpeechDetectorSettings | None = None,
        threads: int = 1,
        piece_seconds: float = 15.0,
    ) -> None:
        self._settings = settings or SpeechDetectorSettings()
        self._piece_frames = max(1, round(piece_seconds / _FRAME))
        self._session = load_silero(model, threads)

    def detect_speech(
        self, waveform: Waveform, progress: Progress, criteria: SpeechCriteria = USUAL_SPEECH
    ) -> list[Interval]:
        """Return the stretches with speech, in order, not touching, unpadded.

        Raises:
            ValueError: if the waveform is not at 16 kHz.
            EngineFailed: if ONNX Runtime could not do it.
            Cancelled: if `progress` raised it.
        """
        if waveform.sample_rate != SAMPLE_RATE:
            raise ValueError(f"speech detection wants {SAMPLE_RATE} Hz, not {waveform.sample_rate}")
        probabilities = self._probabilities(waveform, progress)
        return speech_intervals(probabilities, waveform.duration, self._wanted(criteria))

    def _wanted(self, criteria: SpeechCriteria) -> SpeechDetectorSettings:
        settings = self._settings
        return replace(
            settings,
            threshold=settings.threshold if criteria.threshold is None else criteria.threshold,
            min_silence=settings.min_silence
            if criteria.min_silence is None
            else criteria.min_silence,
        )

    def _probabilities(self, waveform: Waveform, progress: Progress) -> NDArray[np.float32]:
        frames = -(-waveform.sample_count // _FRAME_SAMPLES)
        probabilities = np.zeros(frames, np.float32)
        hidden = cell = np.zeros(_STATE_SHAPE, np.float32)
        context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        for first in range(0, frames, self._piece_frames):
            last = min(first + self._piece_frames, frames)
            samples = waveform.samples(first * _FRAME_SAMPLES, last * _FRAME_SAMPLES)
            batch, context = with_context(samples, context, last - first)
            try:
                probabilities[first:last], hidden, cell = self._session.run(
                    None, {"input": batch, "h": hidden, "c": cell}
                )
            except RuntimeError as error:
                raise EngineFailed("speech detection", str(error)) from error
            progress(last / frames)
        return probabilities


def load_silero(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """Return the network.

    Raises:
        EngineUnavailable: if the file is no such model.
    """
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    cure = "Install faster-whisper again: the model comes with it."
    try:
        session = onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])
    except Exception as error:
        raise EngineUnavailable("speech detection", str(error), cure) from error
    if {node.name for node in session.get_inputs()} != {"input", "h", "c"}:
        raise EngineUnavailable("speech detection", f"{model.name} is another model", cure)
    return session


def with_context(
    samples: Samples, context: Samples, frames: int
) -> tuple[NDArray[np.float32], Samples]:
    """Cut samples into frames, each led by the end of the one before: shape (frames, 64 + 512)."""
    padded = np.zeros(_CONTEXT_SAMPLES + frames * _FRAME_SAMPLES, np.float32)
    padded[:_CONTEXT_SAMPLES] = context
    padded[_CONTEXT_SAMPLES : _CONTEXT_SAMPLES + len(samples)] = samples
    windows = np.lib.stride_tricks.sliding_window_view(padded, _CONTEXT_SAMPLES + _FRAME_SAMPLES)
    return np.ascontiguousarray(windows[::_FRAME_SAMPLES]), padded[-_CONTEXT_SAMPLES:]


def speech_intervals(
    probabilities: NDArray[np.float32], duration: float, settings: SpeechDetectorSettings
) -> list[Interval]:
    """Turn the probability of each 32 ms frame into stretches of speech, in seconds."""
    loud = np.flatnonzero(probabilities >= settings.threshold)
    quiet = np.flatnonzero(probabilities < settings.threshold - settings.hysteresis)
    stretches: list[tuple[float, float]] = []
    frame = 0
    while (index := int(np.searchsorted(loud, frame))) < len(loud):
        first = int(loud[index])
        index = int(np.searchsorted(quiet, first))
        frame = int(quiet[index]) if index < len(quiet) else len(probabilities)
        start, end = first * _FRAME, min(frame * _FRAME, duration)
        if stretches and start - stretches[-1][1] < settings.min_silence:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    return [Interval(start, end) for start, end in stretches if end - start >= settings.min_speech]
