import pytest
from hypothesis import HealthCheck, given, settings

from quoth.domain.errors import InvalidParameter
from quoth.domain.transcript import Transcript
from quoth.formats.registry import FORMATS, format_named
from tests.strategies import transcripts


def test_the_formats_are_these() -> None:
    assert list(FORMATS) == ["txt", "json", "srt", "vtt", "rttm"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcript=transcripts())
def test_every_format_renders_every_transcript_as_utf_8(transcript: Transcript) -> None:
    for known in FORMATS.values():
        known.render(transcript, "a recording").encode()


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidParameter, match="txt, json, srt, vtt, rttm"):
        format_named("doc")
