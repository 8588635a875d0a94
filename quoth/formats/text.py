"""Plain text, as one would write a conversation down."""

from collections.abc import Iterator
from itertools import groupby

from quoth.domain.transcript import Segment, Transcript, join_words
from quoth.formats.cues import one_line


def render(transcript: Transcript, *, has_speakers: bool = True, has_times: bool = False) -> str:
    """Return a paragraph `Name: text` for each turn of a speaker, or running text without names.

    Args:
        transcript: what was said.
        has_speakers: whether paragraphs begin with a name where one is known.
        has_times: whether paragraphs begin with `[h:mm:ss]`.
    """
    if has_speakers and any(segment.speaker is not None for segment in transcript.segments):
        paragraphs = [
            _paragraph(segments, transcript, has_times=has_times)
            for segments in _speaker_runs(transcript)
        ]
    elif has_times:
        paragraphs = [
            f"{_clock(segment.start)} {one_line(segment.text)}" for segment in transcript.segments
        ]
    else:
        paragraphs = [one_line(transcript.text)]
    return "\n\n".join(paragraphs).strip() + "\n"


def _speaker_runs(transcript: Transcript) -> Iterator[list[Segment]]:
    for _, segments in groupby(transcript.segments, key=lambda segment: segment.speaker):
        yield list(segments)


def _paragraph(segments: list[Segment], transcript: Transcript, *, has_times: bool) -> str:
    words = (word for segment in segments for word in segment.words)
    name = one_line(transcript.speaker_name(segments[0].speaker) or "")
    clock = f"{_clock(segments[0].start)} " if has_times else ""
    label = f"{name}: " if name else ""
    return f"{clock}{label}{one_line(join_words(words, transcript.language))}"


def _clock(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"[{hour}:{minute:02d}:{second:02d}]"
