"""What is measured, in order of importance, and what still fits into the time that is left."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2

BATCHES = (16, 1, 64, 4, 128, 32, 8, 2)
"""Windows in one pass, so that what was measured until time is up shows the curve best."""
ALL_PRECISIONS = ("fp16", "bf16", "fp32")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to measure.

    Args:
        work: `speech` (detecting it), `words`, `speakers`, or both as `sequential` or `parallel`.
        audio: name of the audio.
        precision: of the recogniser, None where it takes no part.
        batch: windows in one pass at most; None for the settings that users get.
        diarizer: `onnx` or `pyannote`, None where it takes no part.
    """

    work: str
    audio: str
    precision: str | None = None
    batch: int | None = None
    diarizer: str | None = None

    @property
    def needs(self) -> frozenset[str]:
        """What has to be there: `nemo`, `onnx`, `pyannote`, `vad`."""
        parts = {self.diarizer} if self.diarizer else set[str]()
        if self.precision:
            parts.add("nemo")
        if self.work in {"speech", "sequential", "parallel"}:
            parts.add("vad")
        return frozenset(parts)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured.

    Args:
        recording: name of the one that is measured most.
        long: name of a longer one, None for none.
        clips: name of many short ones.
        precisions: of the recogniser, that of users first.
        batches: windows in one pass, the most telling first.
    """

    recording: str
    long: str | None
    clips: str
    precisions: Sequence[str]
    batches: Sequence[int]


@dataclass(frozen=True, slots=True)
class Done:
    """A row that was measured: audio seconds for each second of wall time in its first run."""

    row: Row
    first_rtfx: float


def rows(scale: Scale) -> list[Row]:
    """Return what there is to measure, the most important first.

    What users get comes first, then what it is made of, then other precisions, then what takes
    longest and tells least.
    """
    usual, *others = scale.precisions
    main = [scale.recording, scale.clips]
    long = [scale.long] if scale.long else []
    both = ("sequential", "parallel")
    planned = [Row("words", audio, usual) for audio in [*main, *long]]
    planned.append(Row("speech", scale.recording))
    planned.append(Row("speakers", scale.recording, diarizer="onnx"))
    planned += [Row(work, scale.recording, usual, diarizer="onnx") for work in both]
    planned += _sweep(scale.batches, main, [usual])
    planned += _sweep(scale.batches, main, others)
    planned.append(Row("speakers", scale.recording, diarizer="pyannote"))
    planned += [Row(work, scale.recording, usual, diarizer="pyannote") for work in both]
    planned += [Row("speakers", audio, diarizer="onnx") for audio in long]
    planned += [Row(work, audio, usual, diarizer="onnx") for audio in long for work in both]
    planned += _sweep(scale.batches, long, scale.precisions)
    return planned


def _sweep(
    batches: Sequence[int], audios: Sequence[str], precisions: Iterable[str]
) -> Iterator[Row]:
    for precision in precisions:
        for batch in batches:
            for audio in audios:
                yield Row("words", audio, precision, batch)


def expected_seconds(row: Row, seconds: float, done: Sequence[Done], guess: float) -> float:
    """Return what a row will about take, from what its like took.

    Args:
        row: not yet measured.
        seconds: of its audio.
        done: what was measured, of which the row most like it is taken.
        guess: audio seconds a second, where nothing like it was measured.
    """
    kind = (row.work, row.diarizer)
    alike = [each for each in done if (each.row.work, each.row.diarizer) == kind]
    if not alike:
        return seconds / guess
    return seconds / min(alike, key=lambda each: _distance(row, each.row)).first_rtfx


def _distance(one: Row, other: Row) -> tuple[bool, float]:
    batches = [log2(row.batch or max(BATCHES)) for row in (one, other)]
    return one.precision != other.precision, abs(batches[0] - batches[1])


def padding_share(passes: Iterable[tuple[int, int, Sequence[int]]]) -> float:
    """Return the share of what went through the network that was no sound of a window.

    Args:
        passes: rows, samples of each row with padding, and samples of each window.
    """
    computed = heard = 0
    for count, samples, lengths in passes:
        computed += count * samples
        heard += sum(lengths)
    return 1.0 - heard / computed if computed else 0.0
