"""WebVTT subtitles (W3C WebVTT), speakers as voice tags."""

import html
import re

import webvtt

from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Transcript
from quoth.formats.cue_layout import lay_out, layout_for
from quoth.formats.cues import Cue, one_line, split_lines, timestamp
from quoth.formats.options import USUAL, RenderOptions

_TAG = re.compile(r"<[^>]*>")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")


def render(transcript: Transcript, options: RenderOptions = USUAL) -> str:
    """Return a transcript as WebVTT; speakers are voice tags."""
    cues_ = cues(transcript, options)
    return "WEBVTT\n\n" + "".join(f"{_block(cue)}\n\n" for cue in cues_)


def cues(transcript: Transcript, options: RenderOptions = USUAL) -> list[Cue]:
    """Return the cues that `render` writes."""
    laid_out = lay_out(transcript, layout_for(options))
    if options.has_speakers:
        return laid_out
    return [Cue(cue.start, cue.end, cue.lines) for cue in laid_out]


def parse(text: str) -> list[Cue]:
    """Return the cues of a WebVTT file, without styling; a cue's first voice is its speaker.

    Raises:
        NotInFormat: if it is no WebVTT, or a cue in it has no text or no duration.
    """
    try:
        captions = webvtt.from_string("\n".join(split_lines(text))).captions
        return [_cue(caption) for caption in captions]
    except (
        webvtt.errors.MalformedFileError,
        webvtt.errors.MalformedCaptionError,
        ValueError,
    ) as error:
        raise NotInFormat("WebVTT", str(error)) from error


def _block(cue: Cue) -> str:
    voice = f"<v {html.escape(cue.speaker, quote=False)}>" if cue.speaker else ""
    times = f"{timestamp(cue.start, '.')} --> {timestamp(cue.end, '.')}"
    return f"{times}\n{voice}{html.escape(cue.text, quote=False)}"


def _cue(caption: webvtt.Caption) -> Cue:
    raw = caption.raw_text
    voice = _VOICE.search(raw)
    lines = (html.unescape(_TAG.sub("", line)) for line in raw.split("\n"))
    return Cue(
        caption.start_time.in_milliseconds() / 1000,
        caption.end_time.in_milliseconds() / 1000,
        tuple(line for line in lines if line.strip()),
        one_line(html.unescape(voice[1])) if voice else None,
    )
