"""Streams put together from chunks, without a network."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.hypotheses import Emission, tokens_of
from quoth.adapters.nemo.stateful import Step, Stepped
from quoth.adapters.nemo.streams import Grid, Streams, in_silence
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.tokens import words_of
from quoth.domain.transcript import Word
from quoth.ports.streaming import StreamMemory, StreamTask, StreamWords
from tests.adapters.nemo.test_hypotheses import Pieces

GRID = Grid(frame=1280, left=5, right=2)
FRAME = GRID.frame / SAMPLE_RATE
VOCABULARY = Pieces(
    ("\u2581st", "op", "\u2581na", "<0xC3>", "<0xAF>", "ve", ".", "\u2581it", "\u2581")
)
STREAMS = Streams(GRID, VOCABULARY)


def emitted(ids: Sequence[int], gaps: Sequence[int], lasting: int | None) -> list[Emission]:
    starts = np.cumsum(gaps).tolist()
    return [Emission(each, start, lasting, 0.5) for each, start in zip(ids, starts, strict=False)]


def decoded(step: Step, said: Sequence[Emission], before: int) -> Stepped:
    """Decode frames as a network does that emits what is said whatever it hears around."""
    there = len(step.samples) // GRID.frame - step.left
    now = there if step.chunk is None else step.chunk
    later = [each._replace(start=each.start - before) for each in said]
    state = {"frames": np.array(before + now)}
    return Stepped(
        [each for each in later if 0 <= each.start < now],
        [each for each in later if now <= each.start < there],
        state,
    )


def stream(said: Sequence[Emission], ends: Sequence[int]) -> list[StreamWords]:
    """Send frames up to each end, the last of which ends the stream."""
    answers: list[StreamWords] = []
    memory: StreamMemory | None = None
    for index, end in enumerate(ends):
        first = memory.needed_from if memory else 0
        sound = ArrayWaveform(np.ones(end * GRID.frame - first, np.float32))
        stage = STREAMS.stage(StreamTask(sound, memory, index == len(ends) - 1))
        before = int(stage.place.state.get("frames", 0))
        assert stage.step.left <= GRID.left
        answers.append(STREAMS.words(stage, decoded(stage.step, said, before)))
        memory = answers[-1].memory
    return answers


def whole(said: Sequence[Emission], frames: int) -> list[Word]:
    return words_of(tokens_of(said, VOCABULARY, FRAME), frames * FRAME)


SAID = st.builds(
    emitted,
    st.lists(st.integers(0, 8).filter(lambda number: number != 4), max_size=20).map(
        lambda ids: [each for number in ids for each in ((3, 4) if number == 3 else (number,))]
    ),
    st.lists(st.integers(0, 4), min_size=40, max_size=40),
    st.sampled_from([None, 2]),
)


@given(SAID, st.sets(st.integers(1, 169), max_size=30))
def test_any_cuts_give_the_words_of_the_whole_each_once(
    said: list[Emission], cuts: set[int]
) -> None:
    answers = stream(said, [*sorted(cuts), 170])
    settled = [word for answer in answers for word in answer.settled]
    assert settled == whole(said, 170)


@given(SAID, st.sets(st.integers(1, 169), min_size=1, max_size=30))
def test_a_guess_is_what_follows_the_settled_words_in_what_was_heard(
    said: list[Emission], cuts: set[int]
) -> None:
    settled: list[Word] = []
    ends = [*sorted(cuts), 170]
    for end, answer in zip(ends[:-1], stream(said, ends), strict=False):
        settled += answer.settled
        there = whole([each for each in said if each.start < end], end)
        told = [word.text for word in [*settled, *answer.guess]]
        assert told == [word.text for word in there]


def test_nothing_is_decoded_before_the_sound_behind_it_is_there() -> None:
    said = emitted([0, 1, 7], [0, 1, 1], 1)
    early, late, last = stream(said, [2, 5, 6])
    assert early.settled == ()
    assert [word.text for word in early.guess] == ["stop"]
    assert [word.text for word in late.settled] == ["stop"]
    assert [word.text for word in late.guess] == ["it"]
    assert [word.text for word in last.settled] == ["it"]
    assert last.guess == ()


def test_what_is_remembered_stays_small_and_asks_for_the_left_context_alone() -> None:
    said = emitted([0, 1] * 40, [1] * 80, 1)
    *answers, _ = stream(said, range(3, 100))
    for end, answer in zip(range(3, 100), answers, strict=False):
        kept = end - answer.memory.needed_from // GRID.frame
        assert kept <= GRID.left + GRID.right
        assert sum(array.nbytes for array in answer.memory.arrays.values()) < 200


def test_what_a_network_hears_in_the_silence_behind_a_stream_is_no_part_of_it() -> None:
    sound = ArrayWaveform(np.ones(GRID.frame // 2, np.float32))
    stage = STREAMS.stage(StreamTask(sound, None, is_last=True))
    answer = STREAMS.words(stage, Stepped([Emission(7, 0, 1, 0.5), Emission(0, 1, 1, 0.5)], [], {}))
    assert [word.text for word in answer.settled] == ["it"]


def test_silence_drops_what_a_token_would_have_skipped() -> None:
    step = Step(np.zeros(GRID.frame, np.float32), 0, 1, {"jump": np.array(3), "label": np.array(1)})
    state = in_silence(step).state
    assert state["jump"] == pytest.approx(0)
    assert state["label"] == 1
