"""Where a server is interrupted, and the book in which it says what it did.

Both are files beside the data folder: they outlive whatever is done to the server.
"""

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

STEPS = ("decode", "transcribe", "diarize", "merge")
INTAKE = ("folder there", "row there", "enqueued")
ENDING = ("finished", "told")
"""`folder there`: a recording is on disk; `row there`: its job is written down; `finished`: the row
says so; `told`: the webhook is queued and the note that it has to be is still there."""


def _points_of(step: str) -> tuple[str, ...]:
    """`kept by`: what the step made is on disk and the step not in the queue's books."""
    return f"before {step}", f"in {step}", f"kept by {step}", f"after {step}"


POINTS = (*INTAKE, *(point for step in STEPS for point in _points_of(step)), *ENDING)
"""In the order in which a job comes by that does one step after the other."""
_LATER = {"after transcribe": "kept by diarize"}
BESIDE = dict.fromkeys(("before transcribe", "in transcribe", "kept by transcribe"), "in diarize")
"""Where the other branch is, if both are worked on side by side."""


def points(*, is_parallel: bool) -> tuple[str, ...]:
    """Return all points in the order in which a job comes by."""
    if not is_parallel:
        return POINTS
    later = [point for point in POINTS if point not in _LATER]
    for point, before in _LATER.items():
        later.insert(later.index(before) + 1, point)
    return tuple(later)


FOR_EVER = 60.0
"""Seconds; whoever is held so long is killed before."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Where one job is held up once in the life of a server.

    Args:
        point: one of `POINTS`.
        recording: of the job.
        seconds: how long.
        reached: the file that is made when it is there.
        aside: where a branch beside it is held up for ever.
        piece: of its work that an engine is at when it is held up in a step.
    """

    point: str
    recording: str
    seconds: float
    reached: Path
    aside: str | None = None
    piece: int = 0

    def __call__(self, point: str, recording: str) -> None:
        """Hold up whoever is there, if it is the one, and everybody who comes there after.

        Who tells of endings tells of all that are untold: one let past would do another's work.
        """
        if recording != self.recording:
            return
        if point == self.aside:
            time.sleep(FOR_EVER)
        elif point == self.point:
            self.reached.touch()
            time.sleep(self.seconds)


@dataclass(frozen=True, slots=True)
class Entry:
    """That an engine began, or a step was done, or an ending told."""

    what: str
    step: str
    recording: str


@dataclass(frozen=True, slots=True)
class Book:
    """A file of entries, one in a line, in the order in which they happened."""

    path: Path

    def write(self, what: str, step: str, recording: str) -> None:
        """Write an entry; it is there even if the process dies right after."""
        line = f"{what}\t{step}\t{recording}\n".encode()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def entries(self) -> list[Entry]:
        """Return all entries."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [Entry(*line.split("\t")) for line in lines]

    def count(self, what: str) -> Counter[str]:
        """Return how often something happened, by recording and step."""
        return Counter(
            f"{each.recording} {each.step}" for each in self.entries() if each.what == what
        )

    def done_twice(self) -> list[str]:
        """Return the steps whose engine was called again after they were done."""
        done: set[tuple[str, str]] = set()
        twice = []
        for each in self.entries():
            place = each.recording, each.step
            if each.what == "done":
                done.add(place)
            elif each.what == "begin" and place in done:
                twice.append(" ".join(place))
        return twice
