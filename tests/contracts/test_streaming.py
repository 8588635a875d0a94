"""What every recogniser that takes streams keeps to, stand-in or real."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.model_files import NemoFiles
from quoth.adapters.process.engine import InferenceProcess
from quoth.adapters.process.lane import LaneTranscriber
from quoth.adapters.process.proxies import ProcessTranscriber
from quoth.domain.audio import SAMPLE_RATE, Samples
from quoth.domain.errors import Cancelled
from quoth.domain.transcript import Word
from quoth.ports.progress import unobserved
from quoth.ports.streaming import StreamingTranscriber, StreamMemory, StreamTask, StreamWords
from tests import tiny_parakeet
from tests.live_words import LoudnessStreamer, said
from tests.nemo_models import require_nemo

pytestmark = pytest.mark.slow

CLIP = "002"


def build(_name: str) -> object:
    """Make what the inference process holds."""
    return LaneTranscriber(LoudnessStreamer())


def nemo() -> StreamingTranscriber:
    require_nemo()
    from quoth.adapters.nemo.transcription import NemoTranscriber  # noqa: PLC0415

    return NemoTranscriber(NemoFiles(tiny_parakeet.NEMO_FILE, "tiny-parakeet"), threads=1)


MAKERS: dict[str, Callable[[], StreamingTranscriber]] = {
    "fake": LoudnessStreamer,
    "lane": lambda: LaneTranscriber(LoudnessStreamer()),
    "nemo": nemo,
    "lane of nemo": lambda: LaneTranscriber(nemo()),
}


@pytest.fixture(scope="module", params=[*MAKERS, "process"])
def engine(request: pytest.FixtureRequest) -> Iterator[StreamingTranscriber]:
    if request.param != "process":
        yield MAKERS[request.param]()
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))  # for `build` in the child
        process = InferenceProcess(build)
        yield ProcessTranscriber(process, "transcriber", LoudnessStreamer().info)
        process.close()


@pytest.fixture(scope="module")
def sound(engine: StreamingTranscriber) -> Samples:
    """What it understands."""
    if engine.info.engine == "fake":
        return said(range(8))
    (clip,) = (each for each in tiny_parakeet.clips() if each.name == CLIP)
    return clip.waveform.samples(0, clip.waveform.sample_count)


def cut(samples: Samples, memory: StreamMemory | None, end: int) -> StreamTask:
    first = memory.needed_from if memory else 0
    return StreamTask(ArrayWaveform(samples[first:end]), memory, is_last=end == len(samples))


def stream(engine: StreamingTranscriber, samples: Samples, step: float) -> list[StreamWords]:
    answers: list[StreamWords] = []
    size = int(step * SAMPLE_RATE)
    for end in [*range(size, len(samples), size), len(samples)]:
        task = cut(samples, answers[-1].memory if answers else None, end)
        answers += engine.advance([task], unobserved)
    return answers


def texts(words: list[Word]) -> list[str]:
    return [word.text for word in words]


def test_it_says_that_it_takes_streams(engine: StreamingTranscriber) -> None:
    assert engine.info.has_streaming


@pytest.mark.parametrize("step", [0.4, 0.8, 100.0])
def test_words_come_once_in_order_inside_the_stream(
    step: float, engine: StreamingTranscriber, sound: Samples
) -> None:
    answers = stream(engine, sound, step)
    words = [word for answer in answers for word in answer.settled]
    assert len(words) > 2
    starts = [word.start for word in words]
    assert starts == sorted(starts)
    assert all(0 <= word.start <= word.end <= len(sound) / SAMPLE_RATE for word in words)
    assert answers[-1].guess == ()
    whole = [word for answer in stream(engine, sound, 100.0) for word in answer.settled]
    assert texts(words) == texts(whole)


def test_it_keeps_nothing_and_asks_for_ever_later_sound(
    engine: StreamingTranscriber, sound: Samples
) -> None:
    answers = stream(engine, sound, 0.8)
    needed = [answer.memory.needed_from for answer in answers]
    assert needed == sorted(needed)
    assert len(pickle.dumps(answers[0].memory)) < 50_000
    task = cut(sound, answers[0].memory, len(sound))
    (one,), (other,) = (engine.advance([task], unobserved) for _ in range(2))
    assert texts([*one.settled]) == texts([*other.settled])


def test_streams_in_one_call_are_heard_as_alone(
    engine: StreamingTranscriber, sound: Samples
) -> None:
    first, second = (cut(sound, None, len(sound) // part) for part in (1, 2))
    together = engine.advance([first, second], unobserved)
    alone = [engine.advance([task], unobserved)[0] for task in (first, second)]
    for one, other in zip(together, alone, strict=True):
        assert texts([*one.settled, *one.guess]) == texts([*other.settled, *other.guess])


def test_no_streams_give_no_words(engine: StreamingTranscriber) -> None:
    assert engine.advance([], unobserved) == []


def test_cancelling_gets_through_and_the_next_call_works(
    engine: StreamingTranscriber, sound: Samples
) -> None:
    def stop(_fraction: float) -> None:
        raise Cancelled

    task = cut(sound, None, len(sound))
    with pytest.raises(Cancelled):
        engine.advance([task], stop)
    assert engine.advance([task], unobserved)[0].settled
