"""Whether words and speakers are worked on side by side, where both compute on one GPU."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quoth.bootstrap.plans import (
    DiarizerPlan,
    NemoPlan,
    OnnxDiarizerPlan,
    PyannotePlan,
    TranscriberPlan,
)
from quoth.domain.gpus import GB, Gpu

NEMO_BYTES: Mapping[str, int] = {
    "fp16": 1_300_000_000,
    "bf16": 1_300_000_000,
    "fp32": 2_600_000_000,
}
"""Weights of a model of 0.6 billion parameters by precision, and its CUDA graphs."""
PYANNOTE_BYTES = GB
ONNX_DIARIZER_BYTES = 7 * GB // 10
OTHER_BYTES = 15 * GB // 10
"""What another engine takes: a Whisper medium in int8, or an int8 Parakeet with its arena."""
CONTEXT_BYTES = GB // 2
"""What CUDA itself holds for a process."""


@dataclass(frozen=True, slots=True)
class Together:
    """The decision, and why in one sentence."""

    is_parallel: bool
    reason: str


def decide_together(
    wanted: str,
    has_cores: bool,  # noqa: FBT001
    transcriber: TranscriberPlan,
    diarizer: DiarizerPlan,
    gpu_of: Callable[[str], Gpu | None],
) -> Together:
    """Decide from the setting, the cores, and what the GPU has free.

    Args:
        wanted: `auto`, `on`, `off`.
        has_cores: whether the cores are many enough for both.
        transcriber: recognises words.
        diarizer: tells speakers apart.
        gpu_of: the card of a device; None for the processor.
    """
    if wanted != "auto":
        return Together(wanted == "on", f"PARALLEL_DIARIZATION={wanted} asks for it.")
    devices = {_numbered(transcriber.device), _numbered(diarizer.device)}
    card = gpu_of(transcriber.device)
    if len(devices) > 1:
        return Together(True, "They compute on different devices.")
    if card is None:
        told = "enough" if has_cores else "too few"
        return Together(has_cores, f"There are {told} cores for both at once.")
    needed = _needed(transcriber) + _needed(diarizer) + CONTEXT_BYTES
    told = f"{card.name} has {card.free_bytes / GB:.1f} GB free, both need {needed / GB:.1f} GB."
    return Together(card.free_bytes >= needed, told)


def _numbered(device: str) -> str:
    return "cuda:0" if device == "cuda" else device


def _needed(plan: TranscriberPlan | DiarizerPlan) -> int:
    if isinstance(plan, NemoPlan):
        return NEMO_BYTES[plan.settings.precision] + plan.settings.memory_bytes
    if isinstance(plan, PyannotePlan):
        return PYANNOTE_BYTES
    return ONNX_DIARIZER_BYTES if isinstance(plan, OnnxDiarizerPlan) else OTHER_BYTES
