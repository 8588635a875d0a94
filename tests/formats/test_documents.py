"""Markdown and Word: what was said is what is read, whatever it looks like."""

import io
import re

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import docx as word
from quoth.formats import markdown
from quoth.formats.options import RenderOptions
from quoth.formats.paragraphs import paragraphs

patient = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

MARKUP = "#*_`~[]()<>!&|\\$+-=.:1 ax\N{CJK UNIFIED IDEOGRAPH-6F22}"
pieces = st.text(st.sampled_from(MARKUP.replace(" ", "")), min_size=1, max_size=8)
NOTORIOUS = [
    "# no heading",
    "- no list",
    "+ 1) 2. none",
    "1. first",
    "1986. A great year",
    "=== ---",
    "*not* _emphasis_ **at** `all`",
    "[no](link) ![image](x)",
    "<script>alert(1)</script> <https://x.y>",
    "&amp; &#42; R&D",
    "a | b | c",
    "back\\slash\\",
    "~~kept~~ $x$",
    "> no quote",
    "[^1]: note",
]


def talk(said: str, speaker: str | None = "A", name: str = "Ana") -> Transcript:
    words = tuple(Word(one, 1.0, 2.0, speaker=speaker) for one in said.split())
    segment = Segment(0, speaker, words, " ".join(said.split()))
    speakers = (Speaker("A", name, 1.0),) if speaker else ()
    return Transcript("en", 9.0, "whisper", "base", (segment,), speakers)


def read(text: str) -> list[str]:
    """Return the text of each block as a reader of the rendered page sees it."""
    parser = MarkdownIt("gfm-like", {"linkify": False})
    blocks = []
    for token in parser.parse(text):
        if token.type == "inline":
            breaks = (child.type == "softbreak" for child in token.children or [])
            shown = (child.content for child in token.children or [])
            blocks.append(
                "".join(" " if new else part for new, part in zip(breaks, shown, strict=True))
            )
        elif token.type not in ALLOWED:
            raise AssertionError(f"{token.type} came out of speech")
    return blocks


ALLOWED = {"heading_open", "heading_close", "paragraph_open", "paragraph_close"}


@patient
@given(
    said=st.one_of(
        st.sampled_from(NOTORIOUS), st.lists(pieces, min_size=1, max_size=8).map(" ".join)
    ),
    name=st.one_of(st.just("Ana"), pieces),
    speaker=st.sampled_from(["A", None]),
    options=st.builds(
        RenderOptions,
        has_times=st.sampled_from([None, False]),
        line_length=st.sampled_from([None, 20]),
    ),
)
def test_markdown_shows_what_was_said(
    said: str, name: str, speaker: str | None, options: RenderOptions
) -> None:
    transcript = talk(said, speaker, name)
    heading, _, shown = read(markdown.render(transcript, "R&D *1*", options))
    assert heading == "R&D *1*"
    time = "" if options.has_times is False else "[0:00:01] "
    label = f"{name}: " if speaker else ""
    assert "".join(shown.split()) == "".join(f"{time}{label}{said}".split())


def test_markdown_reads_well_as_it_is() -> None:
    text = markdown.render(talk("Hello there, Bo."), "podcast")
    assert text == (
        "# podcast\n\n*0:00:09 h, language en, transcribed by whisper (base)*\n\n"
        "\\[0:00:01\\] **Ana:** Hello there, Bo.\n"
    )


def paragraphs_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs]


ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    said=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Z"]), min_size=1, max_size=9).filter(
            lambda text: text == text.strip()
        ),
        min_size=1,
        max_size=6,
    )
)
def test_word_holds_what_was_said_but_for_what_xml_cannot(said: list[str]) -> None:
    transcript = talk(" ".join(said))
    shown = paragraphs_of(word.render(transcript, "podcast"))
    (expected,) = paragraphs(transcript)
    assert shown[0] == "podcast"
    assert shown[-1] == f"[0:00:01] Ana: {ILLEGAL.sub('', expected.text)}"


@pytest.mark.parametrize("has_times", [True, False])
@pytest.mark.parametrize("has_speakers", [True, False])
def test_word_leaves_out_times_and_names_where_that_is_asked_for(
    *, has_times: bool, has_speakers: bool
) -> None:
    options = RenderOptions(has_times=has_times, has_speakers=has_speakers)
    shown = paragraphs_of(word.render(talk("Hello."), "podcast", options))[-1]
    assert (
        shown == ("[0:00:01] " if has_times else "") + ("Ana: " if has_speakers else "") + "Hello."
    )


def test_word_knows_the_language_for_its_spelling() -> None:
    document = docx.Document(io.BytesIO(word.render(talk("Hello."), "podcast")))
    assert document.core_properties.language == "en"
    assert document.core_properties.title == "podcast"
