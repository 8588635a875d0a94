from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quoth.domain.diarization import Diarization, SpeakerTurn
from quoth.domain.speakers import relabel, speakers_of, speech_by_speaker
from quoth.domain.transcript import Speaker, Word, speaker_ids

TURNS = (SpeakerTurn(0, 2, "s2"), SpeakerTurn(1, 3, "s0"), SpeakerTurn(2, 5, "s2"))

turns = st.lists(
    st.builds(
        lambda start, length, speaker: SpeakerTurn(start, start + length, speaker),
        st.integers(0, 50),
        st.integers(0, 9),
        st.sampled_from(["s0", "s1", "s2"]),
    ),
    max_size=15,
).map(lambda unsorted: tuple(sorted(unsorted)))


def said(*speakers: str | None) -> list[Word]:
    return [
        Word("word", index, index + 1, speaker=speaker) for index, speaker in enumerate(speakers)
    ]


def test_seconds_of_speech_count_overlapping_turns_of_one_speaker_once() -> None:
    assert speakers_of(said("s2"), TURNS)[0].seconds == 5


def test_who_says_the_first_word_comes_first_even_where_another_turn_starts_before() -> None:
    assert [speaker.id for speaker in speakers_of(said("s0", "s2"), TURNS)] == ["s0", "s2"]


def test_speaker_who_is_heard_but_says_no_word_comes_last() -> None:
    assert [speaker.id for speaker in speakers_of(said(None, "s0"), TURNS)] == ["s0", "s2"]


def test_names_go_by_first_appearance_and_the_rest_are_numbered_by_letter() -> None:
    words, diarization = relabel(said("s0", "s2"), Diarization(turns=TURNS))
    assert speakers_of(words, diarization.turns, ["Ana"]) == (
        Speaker("A", "Ana", 2.0),
        Speaker("B", "Speaker B", 5.0),
    )


def test_empty_names_and_names_too_many_are_passed_over() -> None:
    named = speakers_of(said("A", "B"), [], [" ", "Ben", "Cleo"])
    assert [speaker.name for speaker in named] == ["Speaker A", "Ben"]


def test_relabelling_reaches_words_turns_exclusive_turns_and_voices() -> None:
    voices = {"s0": np.ones(1, np.float32), "s2": np.zeros(1, np.float32)}
    words, diarization = relabel(said("s0", None, "s2"), Diarization(TURNS, TURNS[:1], voices))
    assert [word.speaker for word in words] == ["A", None, "B"]
    assert [turn.speaker for turn in diarization.turns] == ["B", "A", "B"]
    assert [turn.speaker for turn in diarization.exclusive] == ["B"]
    assert diarization.embeddings == {"A": voices["s0"], "B": voices["s2"]}


@given(turns)
def test_relabelling_only_renames(original: tuple[SpeakerTurn, ...]) -> None:
    words = said(*(turn.speaker for turn in original))
    renamed_words, renamed = relabel(words, Diarization(turns=original))
    assert renamed.speakers == tuple(speaker_ids(len(renamed.speakers)))
    assert [word.speaker for word in renamed_words] == [turn.speaker for turn in renamed.turns]
    back = dict(zip(renamed.speakers, Diarization(turns=original).speakers, strict=True))
    assert tuple(replace(turn, speaker=back[turn.speaker]) for turn in renamed.turns) == original


@given(turns)
def test_speech_of_a_speaker_covers_the_same_time_in_intervals_apart(
    original: tuple[SpeakerTurn, ...],
) -> None:
    for speaker, intervals in speech_by_speaker(original).items():
        seconds = {
            second
            for turn in original
            if turn.speaker == speaker
            for second in range(int(turn.start), int(turn.end))
        }
        covered = [s for i in intervals for s in range(int(i.start), int(i.end))]
        assert covered == sorted(seconds)
        assert all(a.end < b.start for a, b in pairwise(intervals))
