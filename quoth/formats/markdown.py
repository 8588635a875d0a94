"""Markdown (CommonMark 0.31), in which nothing that was said turns into markup."""

import re

from quoth.domain.transcript import Transcript
from quoth.formats.cues import one_line
from quoth.formats.options import USUAL, RenderOptions
from quoth.formats.paragraphs import Paragraph, clock, paragraphs, wrap

_EVERYWHERE = re.compile(r"([\\`*_\[\]<>&|~$])")
"""What can begin markup in the middle of a line, tables, mathematics and HTML included."""
_AT_START = re.compile(r"^(\d{1,9})([.)])|^([#+=:-])")
"""What makes a list, a heading or a rule of a line that begins with it."""


def render(transcript: Transcript, name: str, options: RenderOptions = USUAL) -> str:
    """Return a heading, what is known of the recording, and a paragraph for each turn.

    Names are bold; times, left out with `has_times=False`, stand before them.
    """
    facts = [f"{clock(transcript.duration)} h"]
    if transcript.language:
        facts.append(f"language {transcript.language}")
    facts.append(f"transcribed by {escape(f'{transcript.engine} ({transcript.model})')}")
    blocks = [f"# {escape(one_line(name)) or 'Transcript'}", f"*{', '.join(facts)}*"]
    blocks += [f"> {escape(one_line(warning))}" for warning in transcript.warnings]
    found = paragraphs(transcript, has_speakers=options.has_speakers)
    blocks += [block for each in found if (block := _block(each, options))]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Return one line of text so that Markdown shows it as it is."""
    return _AT_START.sub(
        lambda match: f"\\{match[3]}" if match[3] else f"{match[1]}\\{match[2]}", _inside(text)
    )


def _inside(text: str) -> str:
    return _EVERYWHERE.sub(r"\\\1", text)


def _block(paragraph: Paragraph, options: RenderOptions) -> str:
    head = "" if options.has_times is False else f"[{clock(paragraph.start)}] "
    label = f"{paragraph.name}: " if paragraph.name else ""
    first, *rest = wrap(f"{head}{label}{paragraph.text}", options.line_length)
    if label and (head + label).rstrip() in first:
        said = first[len(head + label.rstrip()) :]
        first = f"{escape(head)}**{escape(label.rstrip())}**{_inside(said)}"
    else:
        first = escape(first)
    return "\n".join([first, *map(escape, rest)])
