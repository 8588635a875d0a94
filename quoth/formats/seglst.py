"""SegLST, the JSON of the CHiME challenges that meeteval scores: who said what in which segment."""

import json

from quoth.domain.transcript import Transcript
from quoth.formats.cues import milliseconds, one_line
from quoth.formats.rttm import safe

UNKNOWN = "unknown"
"""Scorers want a speaker for every segment; this one stands for nobody in particular."""


def render(transcript: Transcript, name: str) -> str:
    """Return the segments of a transcript of the recording of that name.

    See https://github.com/fgnt/meeteval: times are seconds, words stand with spaces between them.
    """
    session = safe(name) or "audio"
    segments = [
        {
            "session_id": session,
            "start_time": milliseconds(segment.start) / 1000,
            "end_time": milliseconds(segment.end) / 1000,
            "speaker": one_line(transcript.speaker_name(segment.speaker) or "") or UNKNOWN,
            "words": one_line(segment.text),
        }
        for segment in transcript.segments
    ]
    return json.dumps(segments, ensure_ascii=False, indent=1) + "\n"
