from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.assembly import assemble_transcript, in_sequence
from quoth.domain.diarization import Diarization, SpeakerTurn
from quoth.domain.transcript import Transcript, Word

WORDS = [
    Word("Shall", 0.2, 0.5),
    Word("we?", 0.5, 0.9),
    Word("Yes,", 2.2, 2.5),
    Word("please.", 2.5, 2.9),
]
DIARIZATION = Diarization(turns=(SpeakerTurn(0, 1, "s7"), SpeakerTurn(2, 3, "s3")))

words = st.lists(
    st.builds(
        lambda start, length: Word("word", start, start + length),
        st.floats(0, 100),
        st.floats(0, 5),
    ),
    max_size=30,
)


def assembled(diarization: Diarization | None, names: tuple[str, ...] = ()) -> Transcript:
    return assemble_transcript(
        WORDS,
        diarization,
        language="en",
        duration=3.0,
        engine="whisper",
        model="base",
        names=names,
        warnings=["The recording clips."],
    )


def test_transcript_says_who_said_what_when() -> None:
    transcript = assembled(DIARIZATION, names=("Ana", "Ben"))
    assert [(line.speaker, line.text, line.start) for line in transcript.segments] == [
        ("A", "Shall we?", 0.2),
        ("B", "Yes, please.", 2.2),
    ]
    assert [(speaker.id, speaker.name) for speaker in transcript.speakers] == [
        ("A", "Ana"),
        ("B", "Ben"),
    ]
    assert [turn.speaker for turn in transcript.turns] == ["A", "B"]
    assert transcript.warnings == ("The recording clips.",)


def test_transcript_without_diarization_has_words_and_no_speakers() -> None:
    transcript = assembled(None)
    assert transcript.text == "Shall we? Yes, please."
    assert not transcript.speakers
    assert not transcript.turns
    assert {line.speaker for line in transcript.segments} == {None}


def test_silence_makes_an_empty_transcript_that_still_lists_who_was_heard() -> None:
    transcript = assemble_transcript(
        [], DIARIZATION, language=None, duration=3.0, engine="whisper", model="base"
    )
    assert not transcript.segments
    assert [speaker.id for speaker in transcript.speakers] == ["A", "B"]


@given(words)
def test_mended_times_follow_one_another_and_texts_stay(crooked: list[Word]) -> None:
    mended = in_sequence(crooked)
    assert [word.text for word in mended] == [word.text for word in crooked]
    assert all(left.end <= right.start for left, right in pairwise(mended))


@given(words)
def test_mending_times_twice_is_mending_once(crooked: list[Word]) -> None:
    assert in_sequence(in_sequence(crooked)) == in_sequence(crooked)


def test_times_that_are_sane_are_not_touched() -> None:
    assert in_sequence(WORDS) == WORDS
