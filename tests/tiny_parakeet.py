"""A Parakeet of 1 M parameters that knows 34 words, and clips with known words and times."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from quoth.domain.audio import Interval, Waveform
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.transcriber import TranscriptionOptions, WindowTask
from tests.sounds import recording

FOLDER = Path(__file__).parent / "data" / "tiny-parakeet"
"""Holds the export for sherpa-onnx and the .nemo file."""
NEMO_FILE = FOLDER / "tiny_tdt.nemo"
UNSURE = frozenset({"009", "019", "020", "024", "038", "041", "061"})
"""Clips in which it mishears a word, alone or in one batch or another."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording with what is said in it."""

    path: Path
    waveform: Waveform
    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def task(self) -> WindowTask:
        """The whole clip as one window."""
        window = Window(Interval(0.0, self.waveform.duration))
        return WindowTask(self.waveform, window, TranscriptionOptions(language="en"))


@cache
def clips() -> tuple[Clip, ...]:
    """Return all 70 clips."""
    words: dict[str, list[Word]] = {}
    with (FOLDER / "clips" / "words.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            word = Word(row["word"], float(row["start"]), float(row["end"]))
            words.setdefault(row["clip"], []).append(word)
    return tuple(
        Clip(path, recording(path), tuple(words[path.stem]))
        for path in sorted((FOLDER / "clips").glob("*.flac"))
    )


def is_exact(clip: Clip, heard: Sequence[Word]) -> bool:
    """Tell whether these are the words of a clip, marks included."""
    return [word.text for word in heard] == [word.text for word in clip.words]


def start_errors(clip: Clip, heard: Sequence[Word]) -> list[float]:
    """Return by how many seconds each word starts too early or too late."""
    pairs = zip(clip.words, heard, strict=True)
    return [abs(word.start - known.start) for known, word in pairs]
