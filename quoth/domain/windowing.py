"""Cutting long audio into windows an engine can take."""

from dataclasses import dataclass

from quoth.domain.audio import Interval


@dataclass(frozen=True, slots=True)
class Window:
    """A cut of long audio sent to an engine.

    Args:
        interval: the audio the engine hears, in seconds of the whole.
    """

    interval: Interval
