from hypothesis import HealthCheck, given, settings

from quoth.domain.transcript import Segment, Speaker, Transcript, Word
from quoth.formats import text
from tests.strategies import transcripts


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
    assert text.render(transcript, has_times=True) == "[0:00:59] Ana: One.\n\n[1:01:01] Bo: Two.\n"


def test_without_speakers_the_text_runs_on() -> None:
    transcript = talk(segment(0, None, "One."), segment(2, None, "Two."))
    assert text.render(transcript) == "One. Two.\n"
    assert text.render(transcript, has_times=True) == "[0:00:00] One.\n\n[0:00:02] Two.\n"


def test_names_can_be_left_out() -> None:
    transcript = talk(segment(0, "A", "One."), segment(2, "B", "Two."))
    assert text.render(transcript, has_speakers=False) == "One. Two.\n"


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
