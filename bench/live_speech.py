"""Speech to be played live: recordings one after the other, and when each word is said."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from quoth.evaluation.references import load_reference

RATE = 24_000
SAMPLE_BYTES = 2
LEAD_SECONDS = 1.0
"""Of silence before the first recording, and of silence after the last."""
_NOISE = 3.0
"""Of 32768: what a room has, as no microphone gives zeros."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word and when it is said, seconds after the first sound."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Part:
    """One recording of those that are played.

    Args:
        name: of the file.
        start: seconds after the first sound.
        pcm: 16 bits, mono, at `RATE`.
        text: all that is said, None where unknown.
        words: with times relative to the part; empty where unknown.
    """

    name: str
    start: float
    pcm: bytes
    text: str | None
    words: tuple[Spoken, ...]

    @property
    def seconds(self) -> float:
        return len(self.pcm) / SAMPLE_BYTES / RATE


def lay_out(recordings: Sequence[Path], pause: float, seconds: float | None) -> list[Part]:
    """Return recordings one after the other.

    Args:
        recordings: files; what is known of them is in `NAME.json` beside each, or in one list for
            all of a folder, `FOLDER/FOLDER.json`.
        pause: seconds of silence between two of them.
        seconds: of each at most; what is said in it is known only of a whole one.
    """
    parts, place = [], LEAD_SECONDS
    for recording in recordings:
        pcm = _sound(recording, seconds)
        text, words = _truth(recording)
        length = len(pcm) / SAMPLE_BYTES / RATE
        is_whole = seconds is None or length < seconds
        known = tuple(word for word in words if word.end <= length)
        parts.append(Part(recording.name, place, pcm, text if is_whole else None, known))
        place += length + pause
    return parts


def joined(parts: Sequence[Part]) -> bytes:
    """Return the sound of all of them, with a little noise where there was none."""
    last = parts[-1]
    size = round((last.start + last.seconds + LEAD_SECONDS) * RATE)
    sound = np.random.default_rng(1).normal(0, _NOISE, size)
    for part in parts:
        first = round(part.start * RATE)
        samples = np.frombuffer(part.pcm, "<i2")
        sound[first : first + len(samples)] += samples
    return np.clip(np.rint(sound), -32768, 32767).astype("<i2").tobytes()


def _sound(recording: Path, seconds: float | None) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", str(recording)]
    command += [] if seconds is None else ["-t", str(seconds)]
    command += ["-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _truth(recording: Path) -> tuple[str | None, list[Spoken]]:
    of_all = recording.parent / f"{recording.parent.name}.json"
    if not recording.with_suffix(".json").exists() and of_all.exists():
        for entry in json.loads(of_all.read_text(encoding="utf-8")):
            if entry["file"] == recording.name:
                return entry["text"], sorted(_words(entry), key=lambda word: word.start)
    text = load_reference(recording).text or None
    beside = recording.with_suffix(".json")
    if not beside.exists():
        return text, []
    content = json.loads(beside.read_text(encoding="utf-8"))
    return text, sorted(_words(content), key=lambda word: word.start)


def _words(content: Any) -> Iterator[Spoken]:
    """Give the words of every `words: [[text, start, end], ...]` in JSON."""
    if isinstance(content, list):
        for each in content:
            yield from _words(each)
    elif isinstance(content, dict):
        words = content.get("words")
        if isinstance(words, list):
            yield from (Spoken(*word) for word in words if isinstance(word, list))
        for name, each in content.items():
            if name != "words":
                yield from _words(each)
