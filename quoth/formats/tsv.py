"""Tab-separated values, for spreadsheets and scripts: one row for each segment."""

import csv
import io
import re
from dataclasses import dataclass

from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Transcript
from quoth.formats.cues import milliseconds, one_line
from quoth.formats.options import USUAL, RenderOptions

COLUMNS = ("start", "end", "speaker", "text")
_FORMULA = re.compile(r"'*[=+@-]")
"""What a spreadsheet takes for a formula, or what we have written so that it does not."""


@dataclass(frozen=True, slots=True)
class Row:
    """One segment: seconds to the millisecond, the speaker's name or nothing, the text."""

    start: float
    end: float
    speaker: str
    text: str


def render(transcript: Transcript, options: RenderOptions = USUAL) -> str:
    """Return a header and a row for each segment; quotes as Excel writes them, LF between rows.

    A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and may run it.
    Such a cell gets an apostrophe in front, which spreadsheets do not show; `parse` takes it away.
    """
    file = io.StringIO()
    writer = csv.writer(file, "excel-tab", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows(transcript, options):
        cells = (_harmless(row.speaker), _harmless(row.text))
        writer.writerow((f"{row.start:.3f}", f"{row.end:.3f}", *cells))
    return file.getvalue()


def rows(transcript: Transcript, options: RenderOptions = USUAL) -> list[Row]:
    """Return the rows that `render` writes."""
    return [
        Row(
            milliseconds(segment.start) / 1000,
            milliseconds(segment.end) / 1000,
            one_line(transcript.speaker_name(segment.speaker) or "")
            if options.has_speakers
            else "",
            one_line(segment.text),
        )
        for segment in transcript.segments
    ]


def parse(text: str) -> list[Row]:
    """Return the rows of what `render` wrote.

    Raises:
        NotInFormat: if it is anything else.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), "excel-tab", strict=True)
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise NotInFormat("TSV", f"the first line is not {' '.join(COLUMNS)}")
        return [
            Row(float(start), float(end), _as_said(speaker), _as_said(said))
            for start, end, speaker, said in reader
        ]
    except (csv.Error, ValueError) as error:
        raise NotInFormat("TSV", f"line {reader.line_num}: {error}") from error


def _harmless(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _as_said(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
