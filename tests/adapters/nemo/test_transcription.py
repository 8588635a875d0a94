"""A real Parakeet, if a tiny one, on NeMo: clips whose words are known."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.model_files import NemoFiles
from quoth.adapters.nemo.network import Sound
from quoth.adapters.nemo.settings import NemoSettings, Precision
from quoth.adapters.nemo.transcription import NemoTranscriber
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.errors import (
    Cancelled,
    EngineFailed,
    EngineLost,
    EngineOutOfMemory,
    EngineUnavailable,
)
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import WindowTask
from tests.nemo_models import KINDS, make_nemo_file, require_nemo
from tests.sounds import SPEECHLESS
from tests.tiny_parakeet import NEMO_FILE, clips, is_exact, start_errors

pytestmark = pytest.mark.slow

MISHEARD = frozenset({"000", "019", "024", "038", "043"})
A_COIN_TOSS = 0.55
"""In clip 012 float32 prefers "seven" to "server" by 51 in 100, and bf16 the other way round."""
PINNED = [clip for clip in clips() if clip.name not in MISHEARD]
TASKS = [clip.task for clip in clips()]
FILES = NemoFiles(NEMO_FILE, "tiny-parakeet")


def load(settings: NemoSettings | None = None, files: NemoFiles = FILES) -> NemoTranscriber:
    require_nemo()
    return NemoTranscriber(files, threads=1, settings=settings)


@pytest.fixture(scope="module")
def transcriber() -> NemoTranscriber:
    return load()


@pytest.fixture(scope="module")
def alone(transcriber: NemoTranscriber) -> list[list[Word]]:
    """What is heard in each clip when it is computed by itself."""
    return [transcriber.transcribe([task], unobserved)[0] for task in TASKS]


def texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def hear(transcriber: NemoTranscriber, samples: np.ndarray, *speech: Interval) -> list[Word]:
    waveform = ArrayWaveform(samples.astype(np.float32))
    window = Window(Interval(0.0, waveform.duration), speech or None)
    return transcriber.transcribe([WindowTask(waveform, window)], unobserved)[0]


def test_words_are_exact_and_start_within_a_fifth_of_a_second(alone: list[list[Word]]) -> None:
    assert len(PINNED) == 65
    for clip, words in zip(clips(), alone, strict=True):
        if clip.name not in MISHEARD:
            assert is_exact(clip, words), clip.name
            assert max(start_errors(clip, words)) < 0.2, clip.name


def test_a_word_ends_about_when_it_falls_silent(alone: list[list[Word]]) -> None:
    late = [
        word.end - known.end
        for clip, words in zip(clips(), alone, strict=True)
        for known, word in zip(clip.words, words, strict=False)
        if clip.name not in MISHEARD
    ]
    assert abs(float(np.median(late))) < 0.1
    assert float(np.quantile(np.abs(late), 0.95)) < 0.25


@pytest.mark.parametrize("size", [8, 70])
def test_a_batch_hears_the_words_and_both_ends_of_them_as_each_clip_alone(
    size: int, transcriber: NemoTranscriber, alone: list[list[Word]]
) -> None:
    network = transcriber._network
    sounds = [Sound(task.waveform.cut(task.window.interval)) for task in TASKS]
    together = [
        tokens
        for first in range(0, len(sounds), size)
        for tokens in network.hear(sounds[first : first + size])
    ]
    for tokens, sound in zip(together, sounds, strict=True):
        (one,) = network.hear([sound])
        assert [each[:3] for each in tokens] == [each[:3] for each in one]
    batched = transcriber.transcribe(TASKS, unobserved)
    for clip, many, one_by_one in zip(clips(), batched, alone, strict=True):
        times = [(word.text, word.start, word.end) for word in many]
        assert times == [(word.text, word.start, word.end) for word in one_by_one], clip.name


def test_nemo_itself_still_spoils_ends_in_a_batch_where_we_do_not() -> None:
    """The reason for the way we decode: when this fails, NeMo mended it and we need it no more."""
    transcriber = load()
    computer = transcriber._network._model.decoding.decoding.decoding_computer
    sounds = [Sound(task.waveform.cut(task.window.interval)) for task in TASKS[:8]]
    ours = transcriber._network.hear(sounds)
    del computer.torch_impl
    computer.cuda_graphs_mode = None
    theirs = transcriber._network.hear(sounds)
    assert [[token.start for token in row] for row in theirs] == [
        [token.start for token in row] for row in ours
    ]
    assert [[token.end for token in row] for row in theirs] != [
        [token.end for token in row] for row in ours
    ]


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_hears_the_same_words_but_where_a_coin_was_tossed(
    precision: Precision, alone: list[list[Word]]
) -> None:
    halved = load(NemoSettings(precision=precision))
    assert halved.info.provider == f"nemo-{precision}"
    assert next(halved._network._model.joint.parameters()).element_size() == 2
    sure = [
        (clip, words)
        for clip, words in zip(clips(), alone, strict=True)
        if all((word.confidence or 0.0) > A_COIN_TOSS for word in words)
    ]
    assert len(sure) >= 60
    heard = halved.transcribe([clip.task for clip, _ in sure], unobserved)
    for (clip, full), words in zip(sure, heard, strict=True):
        assert texts(words) == texts(full), clip.name


def test_every_word_has_a_confidence_and_wrong_ones_a_lower_one(alone: list[list[Word]]) -> None:
    right: list[float] = []
    wrong: list[float] = []
    for clip, words in zip(clips(), alone, strict=True):
        known = set(texts(clip.words))
        for word in words:
            assert word.confidence is not None
            (right if word.text in known else wrong).append(word.confidence)
    assert wrong
    assert float(np.mean(wrong)) < float(np.mean(right))


@pytest.mark.parametrize("samples", [0, 1, 100, 400, 1600, 8000])
def test_hardly_any_sound_is_no_trouble(samples: int, transcriber: NemoTranscriber) -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, samples)
    assert all(word.end <= samples / SAMPLE_RATE for word in hear(transcriber, noise))


def test_a_word_cut_out_of_a_clip_keeps_its_time(transcriber: NemoTranscriber) -> None:
    clip = next(clip for clip in PINNED if len(clip.words) == 1)
    known = clip.words[0]
    cut = clip.waveform.cut(Interval(known.start - 0.1, known.end + 0.1))
    assert len(cut) < SAMPLE_RATE
    (word,) = hear(transcriber, cut)
    assert word.text == known.text
    assert word.start == pytest.approx(0.1, abs=0.15)


def test_silence_is_not_even_computed(
    transcriber: NemoTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwanted(_sounds: object) -> list[Any]:
        raise AssertionError("silence reached the network")

    monkeypatch.setattr(transcriber._network, "hear", unwanted)
    assert hear(transcriber, SPEECHLESS["silence"](), Interval(1.0, 9.0)) == []


def test_nothing_is_written_while_it_works(
    transcriber: NemoTranscriber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    transcriber.transcribe(TASKS[:4], unobserved)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_network_gives_words_that_no_company_changes(
    kind: str, tmp_path: Path
) -> None:
    require_nemo()
    transcriber = load(files=NemoFiles(make_nemo_file(kind, tmp_path), kind))
    tasks = TASKS[:6]
    together = transcriber.transcribe(tasks, unobserved)
    for task, words in zip(tasks, together, strict=True):
        assert words
        assert all(word.confidence is not None for word in words)
        assert [word.start for word in words] == sorted(word.start for word in words)
        assert all(word.end <= task.window.interval.duration for word in words)
        (one,) = transcriber.transcribe([task], unobserved)
        assert texts(one) == texts(words)
        assert [word.end for word in one] == [word.end for word in words]


def test_progress_never_falls_and_ends_at_one_and_cancelling_goes_through(
    transcriber: NemoTranscriber,
) -> None:
    told: list[float] = []
    transcriber.transcribe(TASKS[:40], told.append)
    assert told == sorted(told)
    assert len(told) > 1
    assert told[-1] == 1.0

    def cancel(_fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        transcriber.transcribe(TASKS[:4], cancel)


Hear = Callable[[Sequence[Any]], list[list[Any]]]


class Trouble:
    """Stands between the transcriber and its network and fails as a GPU does."""

    def __init__(self, hear: Hear, error: Exception, room: int = 0) -> None:
        self.hear = hear
        self.error = error
        self.room = room
        self.asked: list[int] = []

    def __call__(self, sounds: Sequence[Any]) -> list[list[Any]]:
        self.asked.append(len(sounds))
        if len(sounds) > self.room:
            raise self.error
        return self.hear(sounds)


@pytest.fixture
def fresh() -> NemoTranscriber:
    """Return one that may be spoiled."""
    return load()


def inject(transcriber: NemoTranscriber, error: Exception, room: int = 0) -> Trouble:
    trouble = Trouble(transcriber._network.hear, error, room)
    transcriber._network.hear = trouble  # type: ignore[method-assign]
    return trouble


def out_of_memory() -> Exception:
    from torch import OutOfMemoryError  # noqa: PLC0415 - only where NeMo is installed

    error: Exception = OutOfMemoryError("CUDA out of memory. Tried to allocate 1.50 GiB.")
    return error


def test_memory_that_runs_out_costs_no_word(
    fresh: NemoTranscriber, alone: list[list[Word]]
) -> None:
    trouble = inject(fresh, out_of_memory(), room=3)
    assert [texts(words) for words in fresh.transcribe(TASKS, unobserved)] == [
        texts(words) for words in alone
    ]
    refused = [size for size in trouble.asked if size > 3]
    assert refused
    trouble.asked.clear()
    fresh.transcribe(TASKS[:20], unobserved)
    assert len([size for size in trouble.asked if size > 3]) <= 2


def test_a_window_too_many_says_so_and_the_next_request_works(fresh: NemoTranscriber) -> None:
    trouble = inject(fresh, out_of_memory())
    with pytest.raises(EngineOutOfMemory, match="too little memory"):
        fresh.transcribe(TASKS[:3], unobserved)
    trouble.room = 8
    assert all(fresh.transcribe(TASKS[1:4], unobserved))


def test_a_gpu_that_is_lost_is_not_asked_again(fresh: NemoTranscriber) -> None:
    from torch import AcceleratorError  # noqa: PLC0415 - only where NeMo is installed

    illegal = AcceleratorError("CUDA error: an illegal memory access was encountered")
    trouble = inject(fresh, illegal)
    for _ in range(2):
        with pytest.raises(EngineLost, match="lost the GPU"):
            fresh.transcribe(TASKS[:2], unobserved)
    assert trouble.asked == [2]


def test_an_error_of_the_network_is_told_as_one(fresh: NemoTranscriber) -> None:
    trouble = inject(fresh, RuntimeError("shapes do not match\nand where"))
    with pytest.raises(EngineFailed, match=r"shapes do not match$"):
        fresh.transcribe(TASKS[:2], unobserved)
    assert trouble.asked == [2]


def test_speech_that_gave_no_word_is_tried_again_without_the_pause_before_it(
    fresh: NemoTranscriber,
) -> None:
    clip = PINNED[0]
    speech = Interval(clip.words[0].start, clip.words[-1].end)
    window = Window(Interval(0.0, clip.waveform.duration), (speech,))
    hear, lengths = fresh._network.hear, []

    def deaf_at_first(sounds: Sequence[Any]) -> list[list[Any]]:
        lengths.append(len(sounds[0].samples))
        return [[] for _ in sounds] if len(lengths) == 1 else hear(sounds)

    fresh._network.hear = deaf_at_first  # type: ignore[method-assign]
    (words,) = fresh.transcribe([WindowTask(clip.waveform, window)], unobserved)
    assert texts(words) == texts(clip.words)
    assert max(start_errors(clip, words)) < 0.25
    assert len(lengths) == 2
    heard_again = clip.waveform.duration - speech.start + 0.1
    assert lengths[1] == pytest.approx(heard_again * SAMPLE_RATE, abs=2)


def test_a_file_that_is_no_model_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "broken.nemo"
    path.write_bytes(b"not a model")
    with pytest.raises(EngineUnavailable, match="damaged"):
        NemoTranscriber(NemoFiles(path, "broken"))
