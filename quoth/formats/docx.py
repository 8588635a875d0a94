"""Word documents (Office Open XML), for people who correct, quote and print transcripts."""

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from quoth.domain.transcript import Transcript
from quoth.formats.cues import one_line
from quoth.formats.options import USUAL, RenderOptions
from quoth.formats.paragraphs import Paragraph, clock, paragraphs

if TYPE_CHECKING:
    from docx.document import Document

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold in any way."""
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_MUTED = 0x59


def render(transcript: Transcript, name: str, options: RenderOptions = USUAL) -> bytes:
    """Return a heading, what is known of the recording, and a paragraph for each turn.

    The same transcript gives the same bytes: no clock is read.
    """
    import docx  # noqa: PLC0415 - half a second of XML libraries

    document = docx.Document()
    title = _clean(name) or "Transcript"
    _describe(document, transcript, title)
    document.add_heading(title, level=0)
    facts = [f"{clock(transcript.duration)} h", f"{transcript.engine} ({transcript.model})"]
    if transcript.language:
        facts.insert(1, transcript.language)
    document.add_paragraph(_clean(" \N{MIDDLE DOT} ".join(facts)), style="Subtitle")
    for warning in transcript.warnings:
        document.add_paragraph(_clean(warning), style="Intense Quote")
    for paragraph in paragraphs(transcript, has_speakers=options.has_speakers):
        _write(document, paragraph, has_times=options.has_times is not False)
    buffer = io.BytesIO()
    document.save(buffer)
    return _undated(buffer.getvalue())


def _write(document: "Document", paragraph: Paragraph, *, has_times: bool) -> None:
    from docx.shared import RGBColor  # noqa: PLC0415

    written = document.add_paragraph()
    if has_times:
        time = written.add_run(f"[{clock(paragraph.start)}] ")
        time.font.color.rgb = RGBColor(_MUTED, _MUTED, _MUTED)
    if paragraph.name and (name := _clean(paragraph.name)):
        written.add_run(f"{name}: ").bold = True
    written.add_run(_clean(paragraph.text))


def _describe(document: "Document", transcript: Transcript, title: str) -> None:
    """Set the properties that programs show, and the language that spelling is checked in."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    known = document.core_properties
    known.title, known.author, known.comments = title[:255], "Quoth", ""
    known.created = known.modified = datetime(1980, 1, 1, tzinfo=UTC)
    if transcript.language:
        known.language = transcript.language
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), transcript.language)
        document.styles["Normal"].element.get_or_add_rPr().append(language)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", one_line(text))


def _undated(content: bytes) -> bytes:
    """Return the same archive as if all of it had been written at once, long ago."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as dated,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as undated,
    ):
        for name in dated.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            undated.writestr(entry, dated.read(name))
    return buffer.getvalue()
