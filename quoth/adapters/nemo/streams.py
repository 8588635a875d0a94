"""Streams of sound: what of them is encoded and decoded when, and which words that settles.

The encoder hears each chunk between sound before it and sound after it, as it heard whole
utterances when it was trained; the decoder reads each chunk's frames once. No torch in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from typing import NamedTuple

import numpy as np

from quoth.adapters.nemo.hypotheses import Emission, Vocabulary, placed_tokens, tokens_of
from quoth.adapters.nemo.stateful import DecoderState, Step, Stepped, without_jump
from quoth.domain.audio import SAMPLE_RATE
from quoth.domain.tokens import begin_of_last_word, words_of
from quoth.domain.transcript import Word
from quoth.ports.streaming import StreamMemory, StreamTask, StreamWords

_DECODED = "decoded"
_OPEN = "open"


class Grid(NamedTuple):
    """What is heard around a chunk.

    Args:
        frame: samples from one output of the encoder to the next.
        left: frames before a chunk, at most.
        right: frames after it, without which it is not decoded.
    """

    frame: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream is.

    Args:
        needed_from: frame that its next sound begins with.
        decoded: frames, from its beginning.
        open: the last word that was decoded, which may go on.
        state: of the decoder.
    """

    needed_from: int = 0
    decoded: int = 0
    open: tuple[Emission, ...] = ()
    state: DecoderState = field(default_factory=dict)


class Stage(NamedTuple):
    """A task with how far its stream is, and what to compute now."""

    task: StreamTask
    place: Place
    step: Step


@dataclass(frozen=True, slots=True)
class Streams:
    """Takes tasks apart, and puts words together.

    Args:
        grid: what is heard around a chunk.
        vocabulary: of the network.
    """

    grid: Grid
    vocabulary: Vocabulary

    def stage(self, task: StreamTask) -> Stage:
        """Return what to encode and decode for a task."""
        place = self._place(task.memory)
        samples = task.sound.samples(0, task.sound.sample_count)
        left = place.decoded - place.needed_from
        ready = max(0, len(samples) // self.grid.frame - left - self.grid.right)
        step = Step(samples, left, None if task.is_last else ready, place.state)
        return Stage(task, place, step)

    def words(self, stage: Stage, stepped: Stepped) -> StreamWords:
        """Return the words that came of a stage.

        A word is settled when the next one begins, or the stream ends: until then its last syllable
        or the full stop behind it may lie in the next chunk.
        """
        place, step = stage.place, stage.step
        duration = (place.needed_from * self.grid.frame + len(step.samples)) / SAMPLE_RATE
        decoded = [*place.open, *self._later(stepped.emissions, place.decoded, duration)]
        if stage.task.is_last:
            settled, open_word = self._words(decoded, duration), []
        else:
            placed = placed_tokens(decoded, self.vocabulary, self._seconds)
            tokens = [token for _, token in placed]
            begin = begin_of_last_word(tokens)
            settled = words_of(tokens[:begin], duration)
            open_word = decoded[placed[begin][0] :] if placed else decoded
        guessed = self._later(stepped.guess, place.decoded, duration)
        guess = self._words([*open_word, *guessed], duration)
        after = place.decoded + (step.chunk or 0)
        needed_from = max(0, after - self.grid.left)
        memory = self._memory(Place(needed_from, after, tuple(open_word), stepped.state))
        return StreamWords(tuple(settled), tuple(guess), memory)

    @property
    def _seconds(self) -> float:
        return self.grid.frame / SAMPLE_RATE

    def _place(self, memory: StreamMemory | None) -> Place:
        if memory is None:
            return Place()
        state = dict(memory.arrays)
        decoded, rows = int(state.pop(_DECODED)), state.pop(_OPEN).tolist()
        needed_from = memory.needed_from // self.grid.frame
        return Place(needed_from, decoded, tuple(map(_emission, rows)), state)

    def _memory(self, place: Place) -> StreamMemory:
        rows = [[nan if value is None else value for value in each] for each in place.open]
        arrays = {
            _DECODED: np.array(place.decoded),
            _OPEN: np.array(rows, np.float64).reshape(-1, len(Emission._fields)),
        }
        return StreamMemory(place.needed_from * self.grid.frame, {**place.state, **arrays})

    def _later(self, emissions: Sequence[Emission], frames: int, duration: float) -> list[Emission]:
        """Return emissions counted from the stream's beginning, without those after its end."""
        later = [each._replace(start=each.start + frames) for each in emissions]
        return [each for each in later if each.start * self._seconds < duration]

    def _words(self, emissions: Sequence[Emission], duration: float) -> list[Word]:
        return words_of(tokens_of(emissions, self.vocabulary, self._seconds), duration)


def in_silence(step: Step) -> Stepped:
    """Return what comes of a step in which nothing is to be heard."""
    return Stepped([], [], without_jump(step.state))


def _emission(row: Sequence[float]) -> Emission:
    number, start, frames, probability = row
    return Emission(
        int(number),
        int(start),
        None if isnan(frames) else int(frames),
        None if isnan(probability) else probability,
    )
