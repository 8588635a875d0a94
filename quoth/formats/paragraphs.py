"""A conversation as paragraphs, one for each turn: what every document for readers is made of."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from quoth.domain.transcript import Segment, Transcript, join_words
from quoth.formats.cues import columns, one_line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What somebody says in one go.

    Args:
        start: seconds.
        name: who says it, None where nobody knows or nobody should be told.
        text: on one line.
    """

    start: float
    name: str | None
    text: str


def paragraphs(transcript: Transcript, *, has_speakers: bool = True) -> list[Paragraph]:
    """Return a paragraph for each turn of a speaker, or for each segment where none are told."""
    if has_speakers and any(segment.speaker is not None for segment in transcript.segments):
        return [_turn(segments, transcript) for segments in _speaker_runs(transcript)]
    return [
        Paragraph(segment.start, None, one_line(segment.text)) for segment in transcript.segments
    ]


def _speaker_runs(transcript: Transcript) -> Iterator[list[Segment]]:
    for _, segments in groupby(transcript.segments, key=lambda segment: segment.speaker):
        yield list(segments)


def _turn(segments: list[Segment], transcript: Transcript) -> Paragraph:
    words = (word for segment in segments for word in segment.words)
    name = one_line(transcript.speaker_name(segments[0].speaker) or "") or None
    return Paragraph(segments[0].start, name, one_line(join_words(words, transcript.language)))


def clock(seconds: float) -> str:
    """Return `h:mm:ss`."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02d}:{second:02d}"


def wrap(text: str, line_length: int | None) -> list[str]:
    """Break text at spaces, and at full-width characters, into lines of so many columns.

    What can be broken nowhere gets a line of its own, too long as it may be.
    """
    if line_length is None:
        return [text]
    lines = [""]
    for piece in _pieces(text):
        line = lines[-1] + piece
        if lines[-1] and columns(line.rstrip()) > line_length:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece)
        else:
            lines[-1] = line
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """Yield what stays together: words with the space after them, full-width characters alone."""
    piece = ""
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        if is_wide and piece:
            yield piece
            piece = ""
        piece += character
        if is_wide or character == " ":
            yield piece
            piece = ""
    if piece:
        yield piece
