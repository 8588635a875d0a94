"""What a reader may choose about the look of a transcript; docs/formats.md says where it counts."""

from dataclasses import dataclass

from quoth.domain.errors import InvalidParameter

SHORTEST_LINE = 20


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How a transcript is written down.

    Args:
        has_times: whether times are shown where a format can do without; None as it usually does.
        has_speakers: whether it says who speaks, where that is known.
        line_length: characters of a line at most, a full-width one counting as two; None for
            what the format usually has.

    Raises:
        InvalidParameter: if lines would have no room for words.
    """

    has_times: bool | None = None
    has_speakers: bool = True
    line_length: int | None = None

    def __post_init__(self) -> None:
        if self.line_length is not None and self.line_length < SHORTEST_LINE:
            raise InvalidParameter("line_length", f"must be {SHORTEST_LINE} or more")


USUAL = RenderOptions()
"""Every format as it usually is."""
