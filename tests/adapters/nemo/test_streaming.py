"""Streams on NeMo: clips whose words are known, and networks of every kind."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.hypotheses import Emission
from quoth.adapters.nemo.model_files import NemoFiles, describe_nemo
from quoth.adapters.nemo.stateful import StatefulDecoder, Step
from quoth.adapters.nemo.transcription import NemoTranscriber
from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.errors import EngineLost, EngineOutOfMemory
from quoth.domain.transcript import Word
from quoth.ports.progress import unobserved
from quoth.ports.streaming import StreamMemory, StreamTask, StreamWords
from tests.nemo_models import KINDS, make_nemo_file, require_nemo
from tests.sounds import SPEECHLESS
from tests.tiny_parakeet import NEMO_FILE, clips

pytestmark = pytest.mark.slow

FILES = NemoFiles(NEMO_FILE, "tiny-parakeet")
SOUNDS = [clip.waveform.samples(0, clip.waveform.sample_count) for clip in clips()]
FRAME = 0.08
STEP = 0.8
MOST_DIFFERENT = 2
"""Clips in which a chunk may be heard otherwise than the whole; none was, in steps of 0.8 s, and
one of 70 in steps of 0.4 s."""


@pytest.fixture(scope="module")
def transcriber() -> NemoTranscriber:
    require_nemo()
    return NemoTranscriber(FILES, threads=1)


class Stream:
    """Sound that is sent piece by piece."""

    def __init__(self, samples: Samples, step: float = STEP) -> None:
        self.samples = samples
        self.size = int(step * SAMPLE_RATE)
        self.there = 0
        self.memory: StreamMemory | None = None
        self.words: list[Word] = []
        self.guesses: list[tuple[Word, ...]] = []

    @property
    def is_over(self) -> bool:
        return self.there == len(self.samples)

    def task(self) -> StreamTask:
        self.there = min(self.there + self.size, len(self.samples))
        first = self.memory.needed_from if self.memory else 0
        sound = ArrayWaveform(self.samples[first : self.there])
        return StreamTask(sound, self.memory, is_last=self.is_over)

    def take(self, answer: StreamWords) -> None:
        self.words += answer.settled
        self.guesses.append(answer.guess)
        self.memory = pickle.loads(pickle.dumps(answer.memory))  # noqa: S301 - ours

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def run(transcriber: NemoTranscriber, streams: Sequence[Stream]) -> Sequence[Stream]:
    """Send pieces of all streams together until each is over."""
    while going := [stream for stream in streams if not stream.is_over]:
        answers = transcriber.advance([stream.task() for stream in going], unobserved)
        for stream, answer in zip(going, answers, strict=True):
            stream.take(answer)
    return streams


def bare(words: Sequence[Word]) -> str:
    """Return the last word without its full stop."""
    return words[-1].text.strip(".") if words else ""


def text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


@pytest.fixture(scope="module")
def whole(transcriber: NemoTranscriber) -> list[list[Word]]:
    return transcriber.transcribe([clip.task for clip in clips()], unobserved)


@pytest.fixture(scope="module")
def streamed(transcriber: NemoTranscriber) -> Sequence[Stream]:
    """All clips at once, as seventy sessions would send them."""
    return run(transcriber, [Stream(sound) for sound in SOUNDS])


def test_a_parakeet_takes_streams_and_says_so(transcriber: NemoTranscriber) -> None:
    assert describe_nemo(FILES).has_streaming
    assert transcriber.info.has_streaming


def test_streamed_words_are_those_of_the_whole_clip_at_their_times(
    streamed: Sequence[Stream], whole: list[list[Word]]
) -> None:
    different = []
    for index, (stream, words) in enumerate(zip(streamed, whole, strict=True)):
        if stream.text != text(words):
            different.append(index)
            continue
        for one, other in zip(stream.words, words, strict=True):
            assert one.start == pytest.approx(other.start, abs=FRAME + 1e-6)
            assert one.confidence is not None
    assert len(different) <= MOST_DIFFERENT, different


def test_what_is_heard_last_was_guessed_before(streamed: Sequence[Stream]) -> None:
    seen = sum(
        any(bare(stream.words) == bare(guess) for guess in stream.guesses) for stream in streamed
    )
    assert seen > len(streamed) / 2


def test_company_changes_nothing(transcriber: NemoTranscriber, streamed: Sequence[Stream]) -> None:
    for sound, together in zip(SOUNDS[:6], streamed, strict=False):
        (alone,) = run(transcriber, [Stream(sound)])
        assert alone.text == together.text


def test_a_long_utterance_is_as_good_as_in_one_window(transcriber: NemoTranscriber) -> None:
    """Longer than the network ever heard in training: neither way is as good as clip by clip."""
    chosen = range(0, 70, 14)
    sounds = [np.concatenate(SOUNDS[first : first + 7]) for first in chosen]
    said = [text([word for clip in clips()[at : at + 7] for word in clip.words]) for at in chosen]
    once = [run(transcriber, [Stream(sound, 60.0)])[0].text for sound in sounds]
    found = [stream.text for stream in run(transcriber, [Stream(sound) for sound in sounds])]
    assert jiwer.wer(said, found) <= jiwer.wer(said, once) + 0.02


def test_one_piece_is_heard_as_a_window_is(
    transcriber: NemoTranscriber, whole: list[list[Word]]
) -> None:
    for stream, words in zip(
        run(transcriber, [Stream(sound, 60.0) for sound in SOUNDS]), whole, strict=True
    ):
        assert [word[:3] for word in map(key, stream.words)] == [key(word)[:3] for word in words]


def key(word: Word) -> tuple[str, float, float]:
    return word.text, round(word.start, 3), round(word.end, 3)


@pytest.mark.parametrize("kind", [*KINDS, "tiny-parakeet"])
def test_decoding_frame_by_frame_is_decoding_at_once(kind: str, tmp_path: Path) -> None:
    require_nemo()
    is_tiny = kind == FILES.name
    files = FILES if is_tiny else NemoFiles(make_nemo_file(kind, tmp_path), kind)
    assert describe_nemo(files).has_streaming == ("CTC" not in kind or "RNNT" in kind)
    if not describe_nemo(files).has_streaming:
        return
    network = NemoTranscriber(files, threads=1)._network
    with network._torch.inference_mode():
        encoded, lengths = network._encode(*network._features(SOUNDS[:3]))
        counts = lengths.tolist()
        expected = [each.emissions for each in decode(network, encoded, counts, None)]
        for size in (1, 3, 7):
            found = in_pieces(network, encoded, counts, size)
            assert [*map(exact, found)] == [*map(exact, expected)]
            assert [*map(sure, found)] == [pytest.approx(sure(each), rel=1e-3) for each in expected]
    assert any(expected)


def exact(emissions: Sequence[Emission]) -> list[Any]:
    return [each[:3] for each in emissions]


def sure(emissions: Sequence[Emission]) -> list[float | None]:
    return [each.probability for each in emissions]


def decode(network: Any, encoded: Any, lengths: list[int], states: Any) -> Any:
    nothing = np.zeros(0, np.float32)
    states = states or [{} for _ in lengths]
    steps = [Step(nothing, 0, None, state) for state in states]
    return StatefulDecoder(network._torch, network._model).decode(encoded, lengths, steps)


def in_pieces(network: Any, encoded: Any, lengths: list[int], size: int) -> list[Any]:
    found: list[list[Any]] = [[] for _ in lengths]
    states: list[Any] = [{} for _ in lengths]
    for first in range(0, max(lengths), size):
        counts = [max(0, min(size, length - first)) for length in lengths]
        piece = encoded[:, :, first : first + size]
        for row, each in enumerate(decode(network, piece, counts, states)):
            states[row] = each.state
            found[row] += [one._replace(start=one.start + first) for one in each.emissions]
    return found


def test_silence_is_not_even_computed(
    transcriber: NemoTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwanted(_steps: object) -> list[Any]:
        raise AssertionError("silence reached the network")

    monkeypatch.setattr(transcriber._network, "advance", unwanted)
    (stream,) = run(transcriber, [Stream(SPEECHLESS["silence"]())])
    assert stream.words == []


def test_trouble_of_a_gpu_loses_no_word_of_a_stream() -> None:
    require_nemo()
    from torch import AcceleratorError, OutOfMemoryError  # noqa: PLC0415 - where NeMo is

    fresh = NemoTranscriber(FILES, threads=1)
    advance, room, asked = fresh._network.advance, 2, []

    def crowded(steps: Sequence[Any]) -> list[Any]:
        asked.append(len(steps))
        if len(steps) > room:
            raise OutOfMemoryError("CUDA out of memory. Tried to allocate 1.50 GiB.")
        return advance(steps)

    fresh._network.advance = crowded  # type: ignore[method-assign]
    streams = run(fresh, [Stream(sound) for sound in SOUNDS[:5]])
    assert max(asked) == 5
    assert all(stream.words for stream in streams)
    room = 0
    stream = Stream(SOUNDS[0])
    with pytest.raises(EngineOutOfMemory):
        fresh.advance([stream.task()], unobserved)

    def lost(_steps: Sequence[Any]) -> list[Any]:
        raise AcceleratorError("CUDA error: an illegal memory access was encountered")

    fresh._network.advance = lost  # type: ignore[assignment,method-assign]
    with pytest.raises(EngineLost):
        fresh.advance([stream.task()], unobserved)
