"""What every format keeps to."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quoth.domain.errors import InvalidParameter
from quoth.domain.transcript import Transcript
from quoth.formats.options import RenderOptions
from quoth.formats.registry import FORMATS, Format, format_named
from tests.strategies import transcripts

KNOWN = "txt, md, docx, srt, vtt, json, tsv, rttm, seglst"
every_format = pytest.mark.parametrize("known", FORMATS.values(), ids=list(FORMATS))
patient = settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def test_the_formats_are_these() -> None:
    assert ", ".join(FORMATS) == KNOWN
    assert len({known.extension for known in FORMATS.values()}) == len(FORMATS)


@every_format
@patient
@given(
    transcript=transcripts(),
    options=st.builds(
        RenderOptions,
        has_times=st.sampled_from([None, True, False]),
        has_speakers=st.booleans(),
        line_length=st.sampled_from([None, 20, 80]),
    ),
)
def test_every_transcript_renders_with_every_option_and_the_same_way_again(
    known: Format, transcript: Transcript, options: RenderOptions
) -> None:
    content = known.render(transcript, "a recording", options)
    assert content == known.render(transcript, "a recording", options)
    assert known.is_binary or content.decode().endswith("\n") or not content


@every_format
def test_a_recording_in_which_nobody_speaks_renders(known: Format) -> None:
    known.render(Transcript(None, 0.0, "whisper", "base"), "")


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidParameter, match=KNOWN):
        format_named("doc")


@pytest.mark.parametrize("length", [0, -1, 19])
def test_a_line_too_short_for_words_is_refused(length: int) -> None:
    with pytest.raises(InvalidParameter, match="line_length must be 20 or more"):
        RenderOptions(line_length=length)
