"""The formats a transcript can be had in, as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quoth.domain.errors import InvalidParameter
from quoth.domain.transcript import Transcript
from quoth.formats import docx, json, markdown, rttm, seglst, srt, text, tsv, vtt
from quoth.formats.options import USUAL, RenderOptions

Renderer = Callable[[Transcript, str, RenderOptions], str | bytes]
"""Makes a file of a transcript and the name of its recording, without folder or extension."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a transcript down.

    Args:
        name: what the user asks for.
        extension: of files, with its dot.
        media_type: for HTTP; text is UTF-8.
        renderer: makes the content.
        is_binary: whether that is bytes and not text.
    """

    name: str
    extension: str
    media_type: str
    renderer: Renderer
    is_binary: bool = False

    def render(self, transcript: Transcript, name: str, options: RenderOptions = USUAL) -> bytes:
        """Return the content of a file; text as UTF-8."""
        content = self.renderer(transcript, name, options)
        return content.encode() if isinstance(content, str) else content


_UTF_8 = "charset=utf-8"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

FORMATS: Mapping[str, Format] = {
    known.name: known
    for known in (
        Format("txt", ".txt", f"text/plain; {_UTF_8}", lambda t, _, how: text.render(t, how)),
        Format("md", ".md", f"text/markdown; {_UTF_8}", markdown.render),
        Format("docx", ".docx", _WORD, docx.render, is_binary=True),
        Format("srt", ".srt", f"application/x-subrip; {_UTF_8}", lambda t, _, o: srt.render(t, o)),
        Format("vtt", ".vtt", f"text/vtt; {_UTF_8}", lambda t, _, how: vtt.render(t, how)),
        Format("json", ".json", "application/json", lambda t, _name, _how: json.render(t)),
        Format(
            "tsv", ".tsv", f"text/tab-separated-values; {_UTF_8}", lambda t, _, o: tsv.render(t, o)
        ),
        Format("rttm", ".rttm", f"text/plain; {_UTF_8}", lambda t, name, _: rttm.render(t, name)),
        Format("seglst", ".seglst.json", "application/json", lambda t, n, _: seglst.render(t, n)),
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
