"""What is known about a recording: files of the same name beside it.

`NAME.rttm` says who spoke when; `NAME.txt` says what, in order of start, as lines `speaker: text`
or as plain text; `NAME.json` says both, as Quoth's own JSON or as
`{"turns": [{"speaker", "start", "end", "text", "utterances": [the same]}]}`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import InvalidParameter, NotInFormat
from quoth.formats import json as quoth_json
from quoth.formats import rttm

AUDIO_SUFFIXES = (".flac", ".wav", ".m4a", ".mp3", ".mp4", ".ogg", ".opus", ".webm", ".mkv", ".mov")
"""Of files taken for recordings; where several share a name, the first of these wins."""

_LINE = re.compile(r"(?P<speaker>[^:\s][^:]{0,60}):\s+(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something somebody said; the speaker and the times (seconds) where they are known."""

    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A recording and what is known about it.

    Args:
        name: of the recording, without folder or suffix.
        audio: the recording.
        utterances: all that was said, in order of start of the turns; empty where unknown.
        turns: who spoke when, overlaps included; empty where unknown.
    """

    name: str
    audio: Path
    utterances: tuple[Utterance, ...] = ()
    turns: tuple[SpeakerTurn, ...] = ()

    @property
    def text(self) -> str:
        """All that was said."""
        return " ".join(one.text for one in self.utterances)

    @property
    def speakers(self) -> frozenset[str]:
        """Everybody who speaks."""
        named = {one.speaker for one in self.utterances if one.speaker is not None}
        return frozenset({turn.speaker for turn in self.turns} or named)

    @property
    def has_speaker_words(self) -> bool:
        """Whether it is known who said each word."""
        return bool(self.utterances) and all(one.speaker is not None for one in self.utterances)

    @property
    def has_times(self) -> bool:
        """Whether it is known when each utterance was said."""
        return bool(self.utterances) and all(one.start is not None for one in self.utterances)


def find_references(path: Path) -> list[Reference]:
    """Return a recording, or those in a folder that something is known about, by name.

    Raises:
        InvalidParameter: if there is no such file or folder, or the folder holds none.
        NotInFormat: if a reference cannot be read.
    """
    if path.is_file():
        return [load_reference(path)]
    if not path.is_dir():
        raise InvalidParameter("path", f"({path}) is no file or folder")
    found = [load_reference(audio) for audio in _recordings(path)]
    known = [one for one in found if one.turns or one.utterances]
    if not known:
        raise InvalidParameter(
            "path", f"({path}) holds no recording with a .rttm, .txt or .json of its name beside it"
        )
    return known


def load_reference(audio: Path) -> Reference:
    """Return what the files beside a recording say.

    Raises:
        NotInFormat: if one cannot be read.
    """
    utterances: tuple[Utterance, ...] = ()
    turns: tuple[SpeakerTurn, ...] = ()
    if (file := audio.with_suffix(".rttm")).is_file():
        turns = rttm.parse(file.read_text("utf-8"))
    if (file := audio.with_suffix(".json")).is_file():
        utterances = parse_json(file.read_text("utf-8"))
        turns = turns or _turns_of(utterances)
    elif (file := audio.with_suffix(".txt")).is_file():
        utterances = _timed(parse_text(file.read_text("utf-8")), turns)
    return Reference(audio.stem, audio, utterances, turns)


def parse_text(text: str) -> tuple[Utterance, ...]:
    """Return the lines of a text: each with its speaker if all have one, else none with any."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    matches = [_LINE.fullmatch(line) for line in lines]
    if any(match is None for match in matches):
        return tuple(Utterance(line) for line in lines)
    return tuple(Utterance(match["text"], match["speaker"]) for match in matches if match)


def parse_json(text: str) -> tuple[Utterance, ...]:
    """Return the utterances of a transcript of Quoth, or of a list of turns.

    Raises:
        NotInFormat: if it is neither.
    """
    try:
        content = json.loads(text)
        if "segments" in content:
            segments = quoth_json.transcript_of(content).segments
            return tuple(Utterance(one.text, one.speaker, one.start, one.end) for one in segments)
        return tuple(_utterances(content["turns"]))
    except (KeyError, TypeError, ValueError) as error:
        raise NotInFormat("a JSON reference", f"{type(error).__name__}: {error}") from error


def _utterances(turns: Iterable[Mapping[str, Any]]) -> Iterator[Utterance]:
    for turn in sorted(turns, key=lambda one: float(one["start"])):
        for one in turn.get("utterances") or [turn]:
            yield Utterance(one["text"], turn["speaker"], float(one["start"]), float(one["end"]))


def _turns_of(utterances: Iterable[Utterance]) -> tuple[SpeakerTurn, ...]:
    return tuple(
        sorted(
            SpeakerTurn(one.start, one.end, one.speaker)
            for one in utterances
            if one.start is not None and one.end is not None and one.speaker is not None
        )
    )


def _timed(
    utterances: tuple[Utterance, ...], turns: tuple[SpeakerTurn, ...]
) -> tuple[Utterance, ...]:
    """Give lines the times of the turns if they are the same speakers in the same order."""
    in_order = sorted(turns)
    if [one.speaker for one in utterances] != [turn.speaker for turn in in_order]:
        return utterances
    return tuple(
        Utterance(one.text, one.speaker, turn.start, turn.end)
        for one, turn in zip(utterances, in_order, strict=True)
    )


def _recordings(folder: Path) -> list[Path]:
    """Return one recording for each name in a folder and below."""
    best: dict[Path, Path] = {}
    for suffix in AUDIO_SUFFIXES:
        for audio in sorted(folder.rglob(f"*{suffix}")):
            best.setdefault(audio.with_suffix(""), audio)
    return [best[name] for name in sorted(best)]
