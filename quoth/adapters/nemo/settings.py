"""How NeMo is run; the reasons are in docs/adr/0014-nemo.md."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Precision: TypeAlias = Literal["fp16", "bf16", "fp32"]
"""The numbers the whole network computes in; features are always made in float32."""

_GIGABYTE = 1024**3


@dataclass(frozen=True, slots=True)
class NemoSettings:
    """How NeMo is run.

    Args:
        precision: of the network.
        longest_window: seconds of a window at most; full attention costs their square.
        batch_seconds: audio that is best sent in one call, for windows of like length to meet.
        forward_seconds: audio, padding included, that goes through the network at once at most.
        most_windows: that go through the network at once at most, however short.
        memory_bytes: memory of a GPU that one pass may take beside the weights.
        stream_left: seconds before a chunk of a stream that are heard with it at most.
        stream_right: seconds after a chunk of a stream without which it is not decoded; 0 takes no
            streams.
        length_step: seconds; a pass is padded to a multiple of it, so that a GPU meets few shapes.
    """

    precision: Precision = "fp32"
    longest_window: float = 30.0
    batch_seconds: float = 120.0
    forward_seconds: float = 60.0
    most_windows: int = 16
    memory_bytes: int = _GIGABYTE
    stream_left: float = 5.6
    stream_right: float = 1.2
    length_step: float = 0.0


def settings_for(
    device: str, precision: Precision | None = None, stream_right: float = 1.2
) -> NemoSettings:
    """Return how to run on a device: half precision and large batches on a GPU.

    Args:
        device: `cpu`, `cuda`, `cuda:1`.
        precision: what the user asked for; None takes what suits the device.
        stream_right: as in `NemoSettings`.
    """
    if device.startswith("cuda"):
        return NemoSettings(
            precision=precision or "fp16",
            batch_seconds=1920.0,
            forward_seconds=1920.0,
            most_windows=64,
            stream_left=10.0,
            stream_right=stream_right,
            length_step=2.5,
        )
    return NemoSettings(precision=precision or "fp32", stream_right=stream_right)
