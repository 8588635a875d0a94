"""Words to expect with Parakeet on NeMo: what they mend, and what they leave alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.nemo.checkpoint import read_checkpoint
from quoth.adapters.nemo.model_files import NemoFiles, describe_nemo
from quoth.adapters.nemo.settings import NemoSettings
from quoth.adapters.nemo.transcription import NemoTranscriber
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import WindowTask
from tests.nemo_models import make_nemo_file, require_nemo
from tests.tiny_parakeet import NEMO_FILE, Clip, clips, is_exact

FILES = NemoFiles(NEMO_FILE, "tiny-parakeet")


def test_a_transducer_of_pieces_says_that_it_takes_keywords() -> None:
    assert describe_nemo(FILES).has_keywords


@pytest.mark.parametrize(
    ("target", "tokenizer", "takes"),
    [
        ("EncDecRNNTBPEModel", {"type": "bpe"}, True),
        ("EncDecHybridRNNTCTCBPEModel", {}, True),
        ("EncDecRNNTBPEModel", {"type": "agg"}, False),
        ("EncDecRNNTModel", {"type": "bpe"}, False),
        ("EncDecCTCModelBPE", {"type": "bpe"}, False),
    ],
)
def test_other_models_say_that_they_take_none(
    target: str, tokenizer: dict[str, str], *, takes: bool
) -> None:
    checkpoint = read_checkpoint(NEMO_FILE)
    kind = "ctc" if "CTCModel" in target and "RNNT" not in target else "transducer"
    other = replace(checkpoint, kind=kind, configuration={"target": target, "tokenizer": tokenizer})
    assert other.takes_keywords is takes


@pytest.fixture(scope="module")
def transcriber() -> NemoTranscriber:
    require_nemo()
    return NemoTranscriber(FILES, threads=1)


def noisy(clip: Clip) -> WindowTask:
    """A clip with some noise over it, in which more words are misheard."""
    samples = clip.waveform.samples(0, clip.waveform.sample_count)
    noise = np.random.default_rng(0).normal(0, 0.01, len(samples))
    waveform = ArrayWaveform((samples + noise).astype(np.float32))
    return replace(clip.task, waveform=waveform, window=Window(clip.task.window.interval))


def expecting(task: WindowTask, *keywords: str) -> WindowTask:
    return replace(task, options=replace(task.options, keywords=keywords))


def named(name: str) -> Clip:
    return next(clip for clip in clips() if clip.name == name)


def texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def hear(engine: NemoTranscriber, tasks: Sequence[WindowTask]) -> list[list[Word]]:
    return engine.transcribe(tasks, unobserved)


@pytest.mark.slow
def test_a_misheard_word_is_heard_where_it_is_expected(transcriber: NemoTranscriber) -> None:
    clip = named("008")
    task = noisy(clip)
    before, after = hear(transcriber, [task, expecting(task, "Window", "東京")])
    assert texts(before) == ["blue", "red."]
    assert is_exact(clip, after)
    for word, known in zip(after, clip.words, strict=True):
        assert abs(word.start - known.start) < 0.2
        assert word.start < word.end
        assert 0.0 < (word.confidence or 0.0) <= 1.0


@pytest.mark.slow
def test_who_expects_nothing_hears_the_same_beside_one_who_does(
    transcriber: NemoTranscriber,
) -> None:
    plain = [clip.task for clip in clips()[:24]]
    before = hear(NemoTranscriber(FILES, threads=1), plain)
    biased = [expecting(task, "window", "green", "server") for task in plain]
    mixed = [task for pair in zip(plain, biased, strict=True) for task in pair]
    after = hear(transcriber, mixed)[::2]
    assert [texts(words) for words in after] == [texts(words) for words in before]
    for left, right in zip(before, after, strict=True):
        assert [(word.start, word.end) for word in left] == [(w.start, w.end) for w in right]
    assert hear(transcriber, plain) == before


@pytest.mark.slow
def test_words_that_make_no_difference_leave_times_as_they_are(
    transcriber: NemoTranscriber,
) -> None:
    plain = [clip.task for clip in clips()[24:48]]
    said = [expecting(clip.task, clip.words[0].text.strip(".")) for clip in clips()[24:48]]
    same = [
        (left, right)
        for left, right in zip(hear(transcriber, plain), hear(transcriber, said), strict=True)
        if texts(left) == texts(right)
    ]
    assert len(same) > 20
    for left, right in same:
        assert [(w.start, w.end) for w in left] == [(w.start, w.end) for w in right]


@pytest.mark.slow
def test_each_window_of_a_batch_has_words_of_its_own(transcriber: NemoTranscriber) -> None:
    task = noisy(named("008"))
    tasks = [task, expecting(task, "window"), expecting(task, "blue"), expecting(task, "東京")]
    found = [" ".join(texts(words)) for words in hear(transcriber, tasks)]
    assert found == ["blue red.", "blue window.", "blue red.", "blue red."]
    # The trees are given back: the store of NeMo holds none between two batches.
    decoder = transcriber._network._expecting.decoding.decoding.decoding_computer
    assert decoder.biasing_multi_model.num_states_total == 0


@pytest.mark.slow
def test_half_precision_expects_words_too() -> None:
    require_nemo()
    engine = NemoTranscriber(FILES, threads=1, settings=NemoSettings(precision="bf16"))
    task = noisy(named("008"))
    assert texts(hear(engine, [expecting(task, "window")])[0]) == ["blue", "window."]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["EncDecCTCModelBPE", "EncDecRNNTModel", "EncDecRNNTBPEModel"])
def test_no_kind_of_model_stumbles_over_keywords(tmp_path: Path, kind: str) -> None:
    require_nemo()
    files = NemoFiles(make_nemo_file(kind, tmp_path), kind)
    engine = NemoTranscriber(files, threads=1)
    task = clips()[0].task
    plain, biased = hear(engine, [task, expecting(task, "green", ":", "", "\0")])
    if not engine.info.has_keywords:
        assert texts(plain) == texts(biased)
