"""What a log of a thousand edits costs in ten hours, and how many edits survive other speakers.

    python bench/edits.py long --json RESULT.json
    python bench/edits.py again RECORDING --json RESULT.json

`long` makes up a conversation of six people. `again` tells the speakers of a real recording apart,
renames all of them, reassigns every tenth line and corrects another, and tells them apart anew
with one speaker up to three too many. Words are made up, two a second: edits do not hear.
"""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import quoth_weights
from faster_whisper.audio import decode_audio

from quoth.adapters.memory.engines import known_words
from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.onnx.diarization import OnnxDiarizer
from quoth.adapters.storage.edit_entries import line_of
from quoth.domain.assembly import assemble_transcript
from quoth.domain.audio import Interval
from quoth.domain.diarization import Diarization, SpeakerHints, SpeakerTurn
from quoth.domain.editing import apply
from quoth.domain.edits import CorrectText, EditLog, Entry, ReassignInterval, RenameSpeaker
from quoth.domain.speaker_identity import basis_of
from quoth.domain.transcript import Transcript, Word
from quoth.evaluation.machine import commit, describe_machine
from quoth.ports.progress import unobserved

HOURS = 10
EDITS = 1000


def long() -> dict[str, Any]:
    """Time a log over ten hours: as they were, and with two of six speakers told for one."""
    chance = random.Random(1)  # noqa: S311 - nothing secret
    words, turns = _talk(chance)
    machine = _transcript(words, turns)
    log = _thousand(machine, chance)
    mixed = {"s1": "s2"}
    shifted = [
        SpeakerTurn(one.start + 0.1, one.end - 0.05, mixed.get(one.speaker, one.speaker))
        for one in turns
    ]
    return {
        "words": len(words),
        "turns": len(turns),
        "edits": EDITS,
        "basis_bytes": len(line_of(log[0])),
        "one edit": _timed(machine, log[:2]),
        "all edits": _timed(machine, log),
        "all edits, speakers told apart anew": _timed(_transcript(words, shifted), log),
    }


def again(recording: Path) -> dict[str, Any]:
    """Count what is not applied for each number of speakers that is asked for."""
    waveform = ArrayWaveform(np.asarray(decode_audio(str(recording)), np.float32))
    diarizer = OnnxDiarizer(
        quoth_weights.directory("segmentation-3.0") / "model.onnx",
        quoth_weights.directory("campplus") / "model.onnx",
    )
    evidence = diarizer.analyse(waveform, unobserved)
    words = known_words(Interval(0, waveform.duration))

    def told_apart(count: int | None) -> Transcript:
        found = diarizer.cluster(evidence, SpeakerHints(exact=count))
        return _transcript(words, found.turns, waveform.duration)

    machine = told_apart(None)
    ids = [one.id for one in machine.speakers]
    log: list[Entry] = [basis_of(machine), *(RenameSpeaker(one, f"Name {one}") for one in ids)]
    for number, line in enumerate(machine.segments[::5]):
        interval = Interval(line.start, line.end)
        log.append(
            CorrectText(interval, f"Indeed {line.text}")
            if number % 2
            else ReassignInterval(interval, ids[number // 2 % len(ids)])
        )
    return {
        "recording": recording.name,
        "speakers": len(ids),
        "edits": Counter(type(entry).__name__ for entry in log[1:]),
        "unapplied": {
            str(count or "as before"): Counter(
                type(one.made.edit).__name__ for one in apply(told_apart(count), log).unapplied
            )
            for count in (None, *range(1, len(ids) + 4))
        },
    }


def _talk(chance: random.Random) -> tuple[list[Word], list[SpeakerTurn]]:
    words: list[Word] = []
    turns: list[SpeakerTurn] = []
    now = 0.0
    while now < HOURS * 3600:
        start = now
        for _ in range(chance.randrange(1, 40)):
            words.append(Word(chance.choice(["one", "two,", "three."]), now, now + 0.35, 0.9))
            now += 0.4
        turns.append(SpeakerTurn(start, now, f"s{chance.randrange(6)}"))
        now += 0.5
    return words, turns


def _transcript(
    words: Sequence[Word], turns: Sequence[SpeakerTurn], duration: float = HOURS * 3600 + 20
) -> Transcript:
    return assemble_transcript(
        words,
        Diarization(turns=tuple(turns)),
        language="en",
        duration=duration,
        engine="made up",
        model="made up",
    )


def _thousand(machine: Transcript, chance: random.Random) -> EditLog:
    log: list[Entry] = [basis_of(machine)]
    for number in range(EDITS):
        line = chance.choice(machine.segments)
        interval, who = Interval(line.start, line.end), chance.choice("ABCDEF")
        log.append(
            (
                CorrectText(interval, line.text.replace("two", "twelve")),
                ReassignInterval(interval, who),
                RenameSpeaker(who, f"Name {number}"),
            )[number % 3]
        )
    return log


def _timed(machine: Transcript, log: EditLog) -> dict[str, float]:
    started = time.process_time()
    unapplied = len(apply(machine, log).unapplied)
    return {"cpu_seconds": round(time.process_time() - started, 2), "unapplied": unapplied}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["long", "again"])
    parser.add_argument("recording", type=Path, nargs="?")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measured = again(options.recording) if options.what == "again" else long()
    result = {"machine": asdict(describe_machine()), "commit": commit(), "measured": measured}
    text = json.dumps(result, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
