"""RTTM, the Rich Transcription Time Marked format of NIST: who spoke when, no words."""

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Transcript
from quoth.formats.cues import milliseconds, one_line

_START, _DURATION, _NAME = 3, 4, 7


def render(transcript: Transcript, uri: str = "audio") -> str:
    """Return the turns of a transcript as RTTM about the recording called `uri`."""
    recording = safe(uri) or "audio"
    return "".join(
        f"SPEAKER {recording} 1 {turn.start:.3f} {turn.end - turn.start:.3f} "
        f"<NA> <NA> {turn.speaker} <NA> <NA>\n"
        for turn in turns(transcript)
    )


def turns(transcript: Transcript) -> tuple[SpeakerTurn, ...]:
    """Return the turns that `render` writes: names without spaces, times in milliseconds.

    A turn of no duration says nothing and scorers reject it: it is left out.
    """
    names = _names(transcript)
    written = []
    for turn in transcript.turns:
        start, end = milliseconds(turn.start), milliseconds(turn.end)
        if end > start:
            written.append(SpeakerTurn(start / 1000, end / 1000, names[turn.speaker]))
    return tuple(written)


def parse(text: str) -> tuple[SpeakerTurn, ...]:
    """Return the turns of an RTTM file, of all recordings in it, as they come.

    Raises:
        NotInFormat: if a SPEAKER line is not as NIST has it.
    """
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        try:
            start_ms = milliseconds(float(fields[_START]))
            end_ms = start_ms + milliseconds(float(fields[_DURATION]))
            found.append(SpeakerTurn(start_ms / 1000, end_ms / 1000, fields[_NAME]))
        except (IndexError, ValueError, OverflowError) as error:
            raise NotInFormat("RTTM", f"line {number}: {line.strip()!r}") from error
    return tuple(found)


def safe(name: str) -> str:
    """Return a name without spaces, which part the fields of RTTM."""
    return one_line(name).replace(" ", "_")


def _names(transcript: Transcript) -> dict[str, str]:
    """Return a safe name for each speaker id; two speakers never get the same."""
    names: dict[str, str] = {}
    for speaker in dict.fromkeys(turn.speaker for turn in transcript.turns):
        name = safe(transcript.speaker_name(speaker) or "") or "speaker"
        while name in names.values():
            name += "_"
        names[speaker] = name
    return names
