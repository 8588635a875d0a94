"""Plain text, as one would write a conversation down."""

from quoth.domain.transcript import Transcript
from quoth.formats.cues import one_line
from quoth.formats.options import USUAL, RenderOptions
from quoth.formats.paragraphs import Paragraph, clock, paragraphs, wrap


def render(transcript: Transcript, options: RenderOptions = USUAL) -> str:
    """Return a paragraph `Name: text` for each turn of a speaker, or running text without names.

    With times, paragraphs begin with `[h:mm:ss]`.
    """
    found = paragraphs(transcript, has_speakers=options.has_speakers)
    if not options.has_times and all(each.name is None for each in found):
        blocks = [one_line(transcript.text)]
    else:
        blocks = [_block(each, has_times=bool(options.has_times)) for each in found]
    lines = ("\n".join(wrap(block, options.line_length)) for block in blocks)
    return "\n\n".join(lines).strip() + "\n"


def _block(paragraph: Paragraph, *, has_times: bool) -> str:
    time = f"[{clock(paragraph.start)}] " if has_times else ""
    label = f"{paragraph.name}: " if paragraph.name else ""
    return f"{time}{label}{paragraph.text}"
