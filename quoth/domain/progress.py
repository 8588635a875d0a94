"""How far a recording is, as one sees it from outside: stages, a fraction, the time left."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

EARLIEST_ESTIMATE = 0.03
"""Fraction below which an estimate would be a guess."""


class Stage(StrEnum):
    """What is being done; transcribing and diarizing may go on side by side."""

    DECODE = "decode"
    DETECT_SPEECH = "detect_speech"
    TRANSCRIBE = "transcribe"
    DIARIZE = "diarize"


USUAL_SHARE: Mapping[Stage, float] = {
    Stage.DECODE: 0.04,
    Stage.DETECT_SPEECH: 0.04,
    Stage.TRANSCRIBE: 0.60,
    Stage.DIARIZE: 0.32,
}
"""Share of the whole time each stage takes on a machine without a GPU."""


@dataclass(frozen=True, slots=True)
class StageProgress:
    """One report.

    Args:
        stage: what has advanced.
        stage_fraction: how far that stage is, in [0, 1].
        fraction: how far the whole is, in [0, 1].
        remaining: estimated seconds until the end, None while it is too early to tell.
    """

    stage: Stage
    stage_fraction: float
    fraction: float
    remaining: float | None


def report(done: Mapping[Stage, float], stage: Stage, elapsed: float) -> StageProgress:
    """Return the report on a stage that has just advanced.

    Args:
        done: the fraction done of every stage there will be.
        stage: one of them.
        elapsed: seconds since the start.
    """
    total = sum(USUAL_SHARE[planned] for planned in done)
    fraction = sum(USUAL_SHARE[planned] * part for planned, part in done.items()) / total
    remaining = elapsed * (1 - fraction) / fraction if fraction >= EARLIEST_ESTIMATE else None
    return StageProgress(stage, done[stage], fraction, remaining)
