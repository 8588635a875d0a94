"""SubRip subtitles: the de facto SRT, without markup, in which nothing can be escaped."""

import io
import re
from dataclasses import replace

import webvtt

from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Transcript
from quoth.formats.cue_layout import lay_out, layout_for
from quoth.formats.cues import Cue, split_lines, timestamp
from quoth.formats.options import USUAL, RenderOptions

_ARROW = re.compile("-+->")


def render(transcript: Transcript, options: RenderOptions = USUAL) -> str:
    """Return a transcript as SRT; speakers are `Name: ` where the speaker changes."""
    numbered = enumerate(cues(transcript, options), start=1)
    return "".join(f"{number}\n{_block(cue)}\n\n" for number, cue in numbered)


def cues(transcript: Transcript, options: RenderOptions = USUAL) -> list[Cue]:
    """Return the cues that `render` writes: names are part of the text, arrows are shortened."""
    laid_out = lay_out(transcript, layout_for(options, has_labels=options.has_speakers))
    return [
        replace(cue, lines=tuple(_ARROW.sub("->", line) for line in cue.lines), speaker=None)
        for cue in laid_out
    ]


def parse(text: str) -> list[Cue]:
    """Return the cues of an SRT file; what looks like a tag or a name is left in the text.

    Raises:
        NotInFormat: if it is no SRT, or a cue in it has no text or no duration.
    """
    lines = "\n".join(split_lines(text)).strip("\n")
    if not lines:
        return []
    try:
        captions = webvtt.from_buffer(io.StringIO(lines), format="srt").captions
        return [_cue(caption) for caption in captions]
    except (
        webvtt.errors.MalformedFileError,
        webvtt.errors.MalformedCaptionError,
        ValueError,
    ) as error:
        raise NotInFormat("SRT", str(error)) from error


def _block(cue: Cue) -> str:
    return f"{timestamp(cue.start, ',')} --> {timestamp(cue.end, ',')}\n{cue.text}"


def _cue(caption: webvtt.Caption) -> Cue:
    return Cue(
        caption.start_time.in_milliseconds() / 1000,
        caption.end_time.in_milliseconds() / 1000,
        tuple(line for line in caption.lines if line.strip()),
    )
