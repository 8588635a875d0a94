"""Which diarizer is taken, and why."""

from dataclasses import dataclass
from importlib.util import find_spec

from quoth.adapters.nemo.model_files import ENGINE as NEMO
from quoth.adapters.pyannote.model_files import DIARIZER, find_pyannote_model
from quoth.bootstrap.machine import GPUS, Cores, choose_device
from quoth.bootstrap.plans import DiarizerPlan, OnnxDiarizerPlan, PyannotePlan
from quoth.config import Settings
from quoth.domain.errors import EngineUnavailable
from quoth.ports.diarizer import DiarizerInfo

AUTO = "auto"
ONNX = "onnx"


@dataclass(frozen=True, slots=True)
class DiarizerChoice:
    """The diarizer that was taken, how it is loaded, and why it, in one sentence."""

    info: DiarizerInfo
    plan: DiarizerPlan
    reason: str

    def __str__(self) -> str:
        """Say it all."""
        info = self.info
        return f"Diarizer {info.diarizer}, model {info.model}, on {info.device}. {self.reason}"


def choose_diarizer(settings: Settings, engine: str, cores: Cores) -> DiarizerChoice:
    """Take the diarizer that was asked for; `auto` takes pyannote beside NeMo where it is here.

    Raises:
        EngineUnavailable: if the one asked for is not usable.
    """
    if settings.diarizer == DIARIZER:
        return _pyannote(settings, f"DIARIZER={DIARIZER} asks for it.")
    if settings.diarizer != AUTO or engine != NEMO:
        return _onnx(settings, cores, "It is the packaged one.")
    try:
        return _pyannote(settings, "It is the best beside NeMo.")
    except EngineUnavailable as error:
        return _onnx(settings, cores, str(error))


def _pyannote(settings: Settings, reason: str) -> DiarizerChoice:
    if find_spec("pyannote") is None or find_spec("pyannote.audio") is None:
        cure = "Install it with: pip install 'quoth[nemo]'"
        raise EngineUnavailable(DIARIZER, "pyannote.audio is not installed", cure)
    files = find_pyannote_model(settings.pyannote_model, [settings.quoth_data / "models"])
    device = choose_device(settings.asr_provider, NEMO)
    info = DiarizerInfo(DIARIZER, files.name, device)
    return DiarizerChoice(info, PyannotePlan(files, device), reason)


def _onnx(settings: Settings, cores: Cores, reason: str) -> DiarizerChoice:
    device = _onnx_device(settings.asr_provider)
    plan = OnnxDiarizerPlan(
        settings.diarization_threshold,
        settings.diarization_step,
        settings.diarization_min_cluster_size,
        cores.diarization,
        device,
        settings.ort_arena_extend_strategy,
    )
    info = DiarizerInfo(ONNX, "segmentation-3.0 + campplus", device)
    return DiarizerChoice(info, plan, reason)


def _onnx_device(asked: str | None) -> str:
    """Return the GPU that was asked for, or the first, where ONNX Runtime can use it."""
    usable = GPUS[ONNX]()
    if not usable or asked == "cpu":
        return "cpu"
    return asked if asked in usable else "cuda"
