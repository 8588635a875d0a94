"""Laying words out as subtitles: where cues begin and end and how their lines break.

The numbers follow the common style guides (BBC subtitle guidelines; Netflix timed text style
guide): two lines of 42 characters, at most 7 seconds, 17 characters a second where the speaker
leaves the time, breaks at the ends of sentences and clauses before anywhere else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from quoth.domain.transcript import UNSPACED_LANGUAGES, Segment, Transcript
from quoth.formats.cue_cutting import cut
from quoth.formats.cue_lines import break_lines
from quoth.formats.cue_timing import CueTiming, Timed, settle
from quoth.formats.cue_tokens import Token, segment_tokens
from quoth.formats.cues import Cue, columns, one_line
from quoth.formats.options import RenderOptions


@dataclass(frozen=True, slots=True)
class CueLayout:
    """How cues are laid out.

    Args:
        columns: the width of a line; a full-width character takes two.
        unspaced_columns: the same for languages written without spaces.
        has_labels: whether the text says `Name: ` where the speaker changes.
        timing: how long cues stay.
    """

    columns: int = 42
    unspaced_columns: int = 36
    has_labels: bool = False
    timing: CueTiming = field(default_factory=CueTiming)

    def line_columns(self, language: str | None) -> int:
        """Return the width of a line in a language."""
        return self.unspaced_columns if language in UNSPACED_LANGUAGES else self.columns


def layout_for(options: RenderOptions, *, has_labels: bool = False) -> CueLayout:
    """Return the layout that options ask for."""
    if options.line_length is None:
        return CueLayout(has_labels=has_labels)
    return CueLayout(options.line_length, options.line_length, has_labels)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The tokens of one cue, when it starts, whose they are and what stands before them."""

    start_ms: int
    tokens: Sequence[Token]
    name: str | None
    label: str


def lay_out(transcript: Transcript, layout: CueLayout) -> list[Cue]:
    """Return the cues of a transcript in order of time.

    No cue has two speakers, none overlaps another in time, none is without duration.
    """
    limit = layout.line_columns(transcript.language)
    pieces = sorted(_pieces(transcript, layout, limit), key=lambda piece: piece.start_ms)
    if layout.has_labels:
        pieces = list(_label_interruptions(pieces, limit, layout.timing))
    timed = [
        Timed(
            piece.start_ms,
            max(token.end_ms for token in piece.tokens),
            break_lines(piece.tokens, piece.label, limit),
            piece.name,
        )
        for piece in pieces
    ]
    return settle(timed, transcript.duration, layout.timing)


def _pieces(transcript: Transcript, layout: CueLayout, limit: int) -> Iterator[_Piece]:
    """Yield what the cues hold, speaker run by speaker run; a speaker never goes back in time."""
    latest: dict[str | None, int] = {}
    shown: str | None = None
    for speaker, tokens in _runs(transcript, limit):
        name = one_line(transcript.speaker_name(speaker) or "") or None
        label = _label(name, limit) if layout.has_labels and name != shown else ""
        for at, part in enumerate(cut(tokens, label, limit, layout.timing)):
            latest[speaker] = start_ms = max(part[0].start_ms, latest.get(speaker, 0))
            yield _Piece(start_ms, part, name, "" if at else label)
        shown = name


def _label_interruptions(
    pieces: Sequence[_Piece], limit: int, timing: CueTiming
) -> Iterator[_Piece]:
    """Yield the pieces in order of time, the label put right where speech overlapped."""
    shown: str | None = None
    for piece in pieces:
        label = _label(piece.name, limit) if piece.name != shown else ""
        shown = piece.name
        if label == piece.label:
            yield piece
            continue
        for at, part in enumerate(cut(piece.tokens, label, limit, timing)):
            start_ms = max(piece.start_ms, part[0].start_ms)
            yield _Piece(start_ms, part, piece.name, "" if at else label)


def _runs(transcript: Transcript, limit: int) -> Iterator[tuple[str | None, list[Token]]]:
    """Yield the tokens of consecutive segments of one speaker."""
    run: list[Token] = []
    before: Segment | None = None
    for segment in transcript.segments:
        if before is not None and segment.speaker != before.speaker:
            if run:
                yield before.speaker, run
            run = []
        run += segment_tokens(segment, transcript.language, limit)
        before = segment
    if before is not None and run:
        yield before.speaker, run


def _label(name: str | None, limit: int) -> str:
    """Return `Name:`, cut to half a line so that the longest token fits beside or below it."""
    if name is None:
        return ""
    while columns(name) > limit // 2 - 1:
        name = name[:-1]
    return f"{name.rstrip()}:"
