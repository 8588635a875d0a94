"""Measure how near the voice of a short reference is to its speaker, and to everybody else.

    python bench/known_speakers.py FOLDER

FOLDER holds `NAME/NAME.flac` with `NAME/NAME.rttm`, and other recordings of people who are in none
of them. Each conversation is cut in two; references are cut from one half and looked for in the
other, so that no reference has a part in the voice it is compared with. Prints JSON.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper.audio import decode_audio

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.bootstrap.plans import OnnxDiarizerPlan
from quoth.domain.audio import Interval, Waveform
from quoth.domain.diarization import Diarization, SpeakerHints, SpeakerTurn
from quoth.domain.speakers import speech_by_speaker
from quoth.formats import rttm
from quoth.ports.diarizer import Diarizer
from quoth.ports.progress import unobserved

CONVERSATIONS = ("podcast-17min", "panel-5min", "meeting-2spk-short")
STRANGERS = ("real-single/jfk.flac", "digits-fsdd/*.flac", "real-multilingual/*.flac")
LENGTHS = (2.0, 3.0, 5.0, 10.0)
CLIPS_EACH = 6
Voice = Any


def sound(path: Path) -> ArrayWaveform:
    return ArrayWaveform(np.asarray(decode_audio(str(path)), np.float32))


def part(waveform: Waveform, interval: Interval) -> ArrayWaveform:
    return ArrayWaveform(waveform.cut(interval))


def diarized(diarizer: Diarizer, waveform: Waveform, hints: SpeakerHints) -> Diarization:
    return diarizer.cluster(diarizer.analyse(waveform, unobserved), hints)


def voice(diarizer: Diarizer, waveform: Waveform) -> Voice | None:
    return next(iter(diarized(diarizer, waveform, SpeakerHints(exact=1)).embeddings.values()), None)


def alone(turns: Sequence[SpeakerTurn], speaker: str) -> Iterator[Interval]:
    """Yield when a speaker speaks and nobody else does."""
    speech = speech_by_speaker(turns)
    taken = sorted(each for name, theirs in speech.items() if name != speaker for each in theirs)
    for own in speech.get(speaker, []):
        edges = [own.start]
        for other in taken:
            if own.overlap(other):
                edges += [max(own.start, other.start), min(own.end, other.end)]
        edges.append(own.end)
        for start, end in list(pairwise(edges))[::2]:
            if end > start:
                yield Interval(start, end)


def clips(
    turns: Sequence[SpeakerTurn], speaker: str, half: Interval
) -> dict[float, list[Interval]]:
    stretches = [
        Interval(max(each.start, half.start), min(each.end, half.end))
        for each in alone(turns, speaker)
        if each.overlap(half)
    ]
    return {
        length: [
            Interval(each.start, each.start + length)
            for each in stretches
            if each.duration >= length
        ][:CLIPS_EACH]
        for length in LENGTHS
    }


def truth(found: Diarization, turns: Sequence[SpeakerTurn], offset: float) -> dict[str, str]:
    """Return who each found speaker is: whoever speaks longest while that one is heard."""
    speech = speech_by_speaker(turns)
    owners = {}
    for name, intervals in speech_by_speaker(found.turns).items():
        shifted = [Interval(each.start + offset, each.end + offset) for each in intervals]
        shared = {
            real: sum(one.overlap(other) for one in shifted for other in theirs)
            for real, theirs in speech.items()
        }
        owners[name] = max(shared, key=lambda real: shared[real])
    return owners


def measure(diarizer: Diarizer, folder: Path) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    strangers = {
        path.stem: found
        for pattern in STRANGERS
        for path in sorted(folder.glob(pattern))
        if (found := voice(diarizer, part(sound(path), Interval(0.0, 5.0)))) is not None
    }
    for name in CONVERSATIONS:
        waveform = sound(folder / name / f"{name}.flac")
        turns = rttm.parse((folder / name / f"{name}.rttm").read_text())
        middle = waveform.duration / 2
        halves = [Interval(0.0, middle), Interval(middle, waveform.duration)]
        for here, there in (halves, halves[::-1]):
            found = diarized(diarizer, part(waveform, here), SpeakerHints())
            owners = truth(found, turns, here.start)
            centres = found.embeddings
            for stranger, other in strangers.items():
                rows.append(row((name, stranger, 5.0), other, centres, owners))
            for speaker in sorted({turn.speaker for turn in turns}):
                for length, intervals in clips(turns, speaker, there).items():
                    for interval in intervals:
                        heard = voice(diarizer, part(waveform, interval))
                        if heard is not None:
                            rows.append(row((name, speaker, length), heard, centres, owners))
    return summary(rows)


def row(
    clip: tuple[str, str, float], heard: Voice, centres: Any, owners: dict[str, str]
) -> dict[str, Any]:
    file, who, length = clip
    near = {speaker: float(heard @ centre) for speaker, centre in centres.items()}
    own = [value for speaker, value in near.items() if owners[speaker] == who]
    others = [value for speaker, value in near.items() if owners[speaker] != who]
    return {
        "file": file,
        "who": who,
        "seconds": length,
        "own": max(own, default=None),
        "others": max(others, default=None),
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for length in LENGTHS:
        some = [each for each in rows if each["seconds"] == length and each["own"] is not None]
        own = np.array([each["own"] for each in some])
        others = np.array([each["others"] for each in some if each["others"] is not None])
        margins = np.array(
            [each["own"] - each["others"] for each in some if each["others"] is not None]
        )
        result[f"{length:g} s"] = {
            "references": len(some),
            "own": quantiles(own),
            "others": quantiles(others),
            "margin": quantiles(margins),
        }
    strange = np.array([each["others"] for each in rows if each["own"] is None])
    result["strangers"] = {"pairs": len(strange), "others": quantiles(strange)}
    return result


def quantiles(values: Any) -> dict[str, float]:
    if not len(values):
        return {}
    shares = {"least": 0.0, "5%": 0.05, "median": 0.5, "95%": 0.95, "most": 1.0}
    return {name: round(float(np.quantile(values, share)), 3) for name, share in shares.items()}


if __name__ == "__main__":
    plan = OnnxDiarizerPlan(threshold=0.8, step=1.62, min_cluster_size=12, threads=2)
    print(json.dumps(measure(plan.build(), Path(sys.argv[1])), indent=1))
