"""The formats a transcript can be had in, as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quoth.domain.errors import InvalidParameter
from quoth.domain.transcript import Transcript
from quoth.formats import json, rttm, srt, text, vtt

Renderer = Callable[[Transcript, str], str]
"""Makes text of a transcript and the name of its recording, without folder or extension."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a transcript down.

    Args:
        name: what the user asks for.
        extension: of files, with its dot.
        media_type: for HTTP; the text is UTF-8.
        render: makes the text.
    """

    name: str
    extension: str
    media_type: str
    render: Renderer


FORMATS: Mapping[str, Format] = {
    known.name: known
    for known in (
        Format("txt", ".txt", "text/plain; charset=utf-8", lambda t, _: text.render(t)),
        Format("json", ".json", "application/json", lambda t, _: json.render(t)),
        Format("srt", ".srt", "application/x-subrip; charset=utf-8", lambda t, _: srt.render(t)),
        Format("vtt", ".vtt", "text/vtt; charset=utf-8", lambda t, _: vtt.render(t)),
        Format("rttm", ".rttm", "text/plain; charset=utf-8", rttm.render),
    )
}
"""By name."""


def format_named(name: str) -> Format:
    """Return a format.

    Raises:
        InvalidParameter: if there is none of that name; the message lists those there are.
    """
    try:
        return FORMATS[name]
    except KeyError:
        known = ", ".join(FORMATS)
        raise InvalidParameter("format", f"is one of {known}, not {name!r}") from None
