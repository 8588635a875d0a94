"""How sherpa-onnx is run; docs/adr/0015-parakeet-on-sherpa.md has the measurements."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class SherpaSettings:
    """How a Parakeet is run.

    Args:
        longest_window: seconds of a window at most; beyond 400 the network ends the process.
        batch_size: windows computed together. The weights are quantised dynamically, with one
            scale for a whole batch, so that a window's neighbours can change a word of it.
        batch_seconds: audio that is best sent in one call.
        shortest: seconds; shorter sound is followed by silence up to that.
        tail: seconds of silence at least that follow a window, so that the model hears it end.
        keyword_score: natural logarithm by which a token that goes on with a keyword is likelier;
            it is what sherpa-onnx takes unasked.
    """

    longest_window: float = 30.0
    batch_size: int = 1
    batch_seconds: float = 120.0
    shortest: float = 1.0
    tail: float = 0.3
    keyword_score: float = 1.5


def settings_for(device: str) -> SherpaSettings:
    """Return how to run on a device: a GPU wants batches, a processor gains nothing from them."""
    measured = SherpaSettings()
    if device.startswith("cuda"):
        return replace(measured, batch_size=16, batch_seconds=32 * measured.longest_window)
    return measured
