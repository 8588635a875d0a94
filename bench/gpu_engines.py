"""The engines that are measured: Quoth's own adapters, as they are built for users."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import random_parakeet
from bench.gpu_audio import vad_model
from bench.gpu_watch import Card
from quoth.adapters.nemo.checkpoint import Checkpoint
from quoth.adapters.nemo.loading import import_torch, load_network
from quoth.adapters.nemo.model_files import NemoFiles
from quoth.adapters.nemo.settings import NemoSettings, Precision, settings_for
from quoth.adapters.nemo.transcription import NemoTranscriber
from quoth.domain.audio import Samples
from quoth.domain.errors import EngineUnavailable
from quoth.ports.diarizer import Diarizer
from quoth.ports.speech_detector import SpeechDetector

PACKAGES = {
    "nemo": ("torch", "nemo", "soundfile"),
    "onnx": ("onnxruntime", "scipy", "quoth_weights"),
    "vad": ("onnxruntime", "faster_whisper"),
    "pyannote": ("torch", "pyannote.audio", "quoth_weights", "pytest"),
}
"""Modules that each part needs; faster-whisper for the network of the speech detector alone."""
_UNLIMITED = 1 << 50


def missing(part: str) -> list[str]:
    """Return the modules that a part needs and that are not installed."""
    return [name for name in PACKAGES[part] if not _is_installed(name)]


def choose_device() -> str:
    """Return `cuda` where torch can compute on a GPU."""
    if missing("nemo"):
        return "cpu"
    return "cuda" if import_torch().cuda.is_available() else "cpu"


class Recognisers:
    """NeMo transcribers, one at a time; their network is loaded once for each precision.

    `loads` says of each what that took, and `warm_up` the seconds of the last transcriber's.

    Args:
        model: a .nemo file.
        is_random: whether its weights are random: then it is brought to 3 tokens a second.
        device: where it computes.
        threads: of a processor.
        speech: for that, at 16 kHz.
    """

    def __init__(
        self, model: Path, *, is_random: bool, device: str, threads: int, speech: Samples
    ) -> None:
        self.loads: dict[str, dict[str, float]] = {}
        self.warm_up = 0.0
        self._loading = 0.0
        self.device = device
        self._files = NemoFiles(model, model.stem)
        self._is_random = is_random
        self._threads = threads
        self._speech = speech
        self._held: tuple[str, Any] | None = None
        self._ready: tuple[tuple[str, int | None], NemoTranscriber] | None = None

    def is_loaded(self, precision: str | None) -> bool:
        """Say whether a network of this precision is in memory, or none is wanted."""
        return precision is None or (self._held is not None and self._held[0] == precision)

    @property
    def model(self) -> Any:
        """NeMo's model of the last transcriber."""
        return self._held[1] if self._held else None

    def get(self, precision: Precision, batch: int | None) -> NemoTranscriber:
        """Return a warm transcriber.

        Args:
            precision: of the network.
            batch: windows in one pass, None for what users get.
        """
        if self._ready is None or self._ready[0] != (precision, batch):
            self._ready = None
            self._tidy()
            started, self._loading = time.monotonic(), 0.0
            transcriber = NemoTranscriber(
                self._files,
                device=self.device,
                threads=self._threads,
                settings=forced(settings_for(self.device, precision), batch),
                load=self._load,
            )
            self._ready = (precision, batch), transcriber
            self.warm_up = time.monotonic() - started - self._loading
        return self._ready[1]

    def _load(self, checkpoint: Checkpoint, device: str, precision: str) -> Any:
        """Return the network as the adapter wants it; its CUDA graph is recorded anew."""
        if not self.is_loaded(precision):
            self._held = None
            self._tidy()
            started = time.monotonic()
            model = load_network(checkpoint, device, precision)
            loaded = time.monotonic()
            self._held = precision, model
            self.loads[precision] = {"load_s": round(loaded - started, 2)}
            if self._is_random:
                rate = random_parakeet.calibrate(model, self._speech)
                self.loads[precision]["tokens_per_second"] = round(rate, 2)
                self.loads[precision]["calibrate_s"] = round(time.monotonic() - loaded, 2)
            self._loading = time.monotonic() - started
        computer = getattr(self.model.decoding.decoding, "decoding_computer", None)
        if computer is not None:
            computer.reset_cuda_graphs_state()
        return self.model

    def _tidy(self) -> None:
        gc.collect()
        if self.device.startswith("cuda"):
            import_torch().cuda.empty_cache()


def forced(settings: NemoSettings, batch: int | None) -> NemoSettings:
    """Return settings that send so many windows at once, whatever memory that takes."""
    if batch is None:
        return settings
    return replace(
        settings,
        most_windows=batch,
        forward_seconds=batch * settings.longest_window,
        memory_bytes=_UNLIMITED,
    )


@contextmanager
def model_file(given: Path | None) -> Iterator[Path]:
    """Give a .nemo file, one with random weights where none is given; that is removed after."""
    if given is not None:
        yield given
        return
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parakeet.nemo"
        import_torch()
        model = random_parakeet.build(Path(folder))
        model.save_to(str(path))
        del model
        yield path


def speech_detector() -> SpeechDetector:
    """Return silero's, on the processor."""
    from quoth.adapters.onnx.speech_detection import OnnxSpeechDetector  # noqa: PLC0415

    model = vad_model()
    if model is None:
        raise EngineUnavailable("vad", "silero's network is missing", "Install faster-whisper.")
    return OnnxSpeechDetector(model)


@cache
def diarizer(kind: str, device: str, threads: int) -> Diarizer:
    """Return a diarizer with real weights: `onnx` or `pyannote`."""
    makers: dict[str, Callable[[str, int], Diarizer]] = {"onnx": _onnx, "pyannote": _pyannote}
    return makers[kind](device, threads)


def _onnx(device: str, threads: int) -> Diarizer:
    """Return the packaged one, on the GPU where this ONNX Runtime is built for it."""
    import onnxruntime  # noqa: PLC0415
    import quoth_weights  # noqa: PLC0415

    from quoth.adapters.onnx.diarization import OnnxDiarizer  # noqa: PLC0415

    wanted = ["CPUExecutionProvider"]
    if (
        device.startswith("cuda")
        and "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    ):
        onnxruntime.preload_dlls()  # cuDNN and cuBLAS as torch brought them
        wanted.insert(0, "CUDAExecutionProvider")
    return OnnxDiarizer(
        quoth_weights.directory("segmentation-3.0") / "model.onnx",
        quoth_weights.directory("campplus") / "model.onnx",
        threads=threads,
        providers=wanted,
    )


def _pyannote(device: str, _threads: int) -> Diarizer:
    """Return a published pipeline where one is here, else pyannote's on the packaged networks."""
    from quoth.adapters.pyannote.diarization import PyannoteDiarizer  # noqa: PLC0415
    from quoth.adapters.pyannote.loading import load_pipeline  # noqa: PLC0415
    from quoth.adapters.pyannote.model_files import find_pyannote_model  # noqa: PLC0415

    folder = Path(os.environ.get("QUOTH_DATA", "quoth-data")) / "models"
    try:
        files = find_pyannote_model(os.environ.get("PYANNOTE_MODEL"), [folder])
    except EngineUnavailable:
        from tests.pyannote_networks import packaged_pipeline  # noqa: PLC0415 - wants pytest

        return PyannoteDiarizer(packaged_pipeline(), "packaged segmentation-3.0 + campplus")
    return PyannoteDiarizer(load_pipeline(files, device), files.name, device)


def card(device: str) -> Card:
    """Return the GPU to watch."""
    return Card.find(import_torch(), device) if device.startswith("cuda") else Card()


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of a package that is not there
        return False
