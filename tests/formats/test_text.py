from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import text
from quoth.formats.cues import columns
from quoth.formats.options import RenderOptions
from quoth.formats.paragraphs import wrap
from tests.strategies import transcripts

TIMED = RenderOptions(has_times=True)


def segment(start: float, speaker: str | None, *said: str) -> Segment:
    words = tuple(Word(one, start, start + 1, speaker=speaker) for one in said)
    return Segment(0, speaker, words, " ".join(said))


def talk(*segments: Segment) -> Transcript:
    speakers = (Speaker("A", "Ana", 1.0), Speaker("B", "Bo", 1.0))
    return Transcript("en", 9999.0, "whisper", "base", segments, speakers)


def test_consecutive_segments_of_one_speaker_are_one_paragraph() -> None:
    transcript = talk(segment(0, "A", "One."), segment(2, "A", "Two."), segment(4, "B", "Three."))
    assert text.render(transcript) == "Ana: One. Two.\n\nBo: Three.\n"


def test_times_say_when_a_paragraph_begins() -> None:
    transcript = talk(segment(59.9, "A", "One."), segment(3661.5, "B", "Two."))
    assert text.render(transcript, TIMED) == "[0:00:59] Ana: One.\n\n[1:01:01] Bo: Two.\n"


def test_without_speakers_the_text_runs_on() -> None:
    transcript = talk(segment(0, None, "One."), segment(2, None, "Two."))
    assert text.render(transcript) == "One. Two.\n"
    assert text.render(transcript, TIMED) == "[0:00:00] One.\n\n[0:00:02] Two.\n"


def test_names_can_be_left_out() -> None:
    transcript = talk(segment(0, "A", "One."), segment(2, "B", "Two."))
    assert text.render(transcript, RenderOptions(has_speakers=False)) == "One. Two.\n"


def test_an_unknown_speaker_among_known_ones_has_no_name() -> None:
    transcript = talk(segment(0, "A", "One."), segment(2, None, "Two."))
    assert text.render(transcript) == "Ana: One.\n\nTwo.\n"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcript=transcripts())
def test_there_are_as_many_paragraphs_as_changes_of_speaker(transcript: Transcript) -> None:
    speakers = [one.speaker for one in transcript.segments]
    changes = sum(1 for at, one in enumerate(speakers) if at == 0 or speakers[at - 1] != one)
    paragraphs = text.render(transcript).rstrip("\n").split("\n\n")
    assert len(paragraphs) <= max(1, changes)


@given(
    st.text(st.sampled_from("ab \N{CJK UNIFIED IDEOGRAPH-6F22}"), max_size=80),
    st.integers(20, 40),
)
def test_wrapping_loses_nothing_and_keeps_to_the_width(said: str, length: int) -> None:
    said = " ".join(said.split())
    lines = wrap(said, length)
    assert "".join(lines).replace(" ", "") == said.replace(" ", "")
    assert all(columns(line) <= length or " " not in line for line in lines)


def test_long_paragraphs_are_wrapped_where_that_is_asked_for() -> None:
    transcript = talk(segment(0, "A", *["seven"] * 9))
    lines = text.render(transcript, RenderOptions(line_length=30)).splitlines()
    assert lines == ["Ana: seven seven seven seven", "seven seven seven seven seven"]
