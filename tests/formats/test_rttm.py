import pytest
from hypothesis import HealthCheck, given, settings

from quoth.domain.diarization import SpeakerTurn
from quoth.domain.errors import NotInFormat
from quoth.domain.transcript import Speaker, Transcript
from quoth.formats import rttm
from tests.strategies import transcripts


def of_turns(*turns: SpeakerTurn, names: dict[str, str]) -> Transcript:
    speakers = tuple(Speaker(one, name, 1.0) for one, name in names.items())
    return Transcript("en", 10.0, "whisper", "base", speakers=speakers, turns=turns)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcript=transcripts())
def test_parsing_what_was_rendered_gives_the_turns_to_the_millisecond(
    transcript: Transcript,
) -> None:
    assert rttm.parse(rttm.render(transcript, "my file")) == rttm.turns(transcript)


@given(transcript=transcripts())
def test_as_many_speakers_are_written_as_have_turns(transcript: Transcript) -> None:
    lasting = {
        one.speaker for one in transcript.turns if round(one.end * 1000) > round(one.start * 1000)
    }
    assert len({turn.speaker for turn in rttm.turns(transcript)}) == len(lasting)


def test_a_turn_is_one_speaker_line_of_nist() -> None:
    transcript = of_turns(SpeakerTurn(0.5, 2.25, "A"), names={"A": "Ana María"})
    assert (
        rttm.render(transcript, "my talk")
        == "SPEAKER my_talk 1 0.500 1.750 <NA> <NA> Ana_María <NA> <NA>\n"
    )


def test_two_speakers_whose_names_differ_by_a_space_stay_two() -> None:
    transcript = of_turns(
        SpeakerTurn(0, 1, "A"), SpeakerTurn(1, 2, "B"), names={"A": "a b", "B": "a_b"}
    )
    assert [turn.speaker for turn in rttm.turns(transcript)] == ["a_b", "a_b_"]


def test_other_lines_are_passed_over() -> None:
    text = ";; a comment\nSPKR-INFO x 1 <NA>\n\nSPEAKER x 1 0.5 1.0 <NA> <NA> A\r\n"
    assert rttm.parse(text) == (SpeakerTurn(0.5, 1.5, "A"),)


@pytest.mark.parametrize(
    "line",
    [
        "SPEAKER x 1",
        "SPEAKER x 1 a b <NA> <NA> A",
        "SPEAKER x 1 -1 2 x x A",
        "SPEAKER x 1 inf 2 x x A",
    ],
)
def test_a_broken_line_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(NotInFormat, match="line 2"):
        rttm.parse(f"\n{line}\n")
