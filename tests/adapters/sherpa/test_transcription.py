"""A real Parakeet, if a tiny one, on sherpa-onnx: clips whose words are known."""

from collections.abc import Sequence

import numpy as np
import pytest

from quoth.adapters.memory.waveforms import ArrayWaveform
from quoth.adapters.sherpa.model_files import SherpaFiles
from quoth.adapters.sherpa.settings import SherpaSettings
from quoth.adapters.sherpa.transcription import SherpaTranscriber
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.progress import unobserved
from quoth.ports.transcriber import WindowTask
from tests.sounds import SPEECHLESS
from tests.tiny_parakeet import FOLDER, UNSURE, clips, is_exact, start_errors

FILES = SherpaFiles(FOLDER, "tiny-parakeet")
PINNED = [clip for clip in clips() if clip.name not in UNSURE]


@pytest.fixture(scope="module")
def transcriber() -> SherpaTranscriber:
    return SherpaTranscriber(FILES, workers=2)


def texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def hear(transcriber: SherpaTranscriber, samples: np.ndarray, *speech: Interval) -> list[Word]:
    waveform = ArrayWaveform(samples.astype(np.float32))
    window = Window(Interval(0.0, waveform.duration), speech or None)
    return transcriber.transcribe([WindowTask(waveform, window)], unobserved)[0]


def test_words_are_exact_and_start_within_a_fifth_of_a_second(
    transcriber: SherpaTranscriber,
) -> None:
    heard = transcriber.transcribe([clip.task for clip in PINNED], unobserved)
    assert len(PINNED) > 60
    for clip, words in zip(PINNED, heard, strict=True):
        assert is_exact(clip, words), clip.name
        assert max(start_errors(clip, words)) < 0.2, clip.name


def test_a_word_ends_about_when_it_falls_silent(transcriber: SherpaTranscriber) -> None:
    heard = transcriber.transcribe([clip.task for clip in PINNED], unobserved)
    late = [
        word.end - known.end
        for clip, words in zip(PINNED, heard, strict=True)
        for known, word in zip(clip.words, words, strict=True)
    ]
    assert abs(float(np.median(late))) < 0.1


def test_every_word_has_a_confidence_and_wrong_ones_a_lower_one(
    transcriber: SherpaTranscriber,
) -> None:
    heard = transcriber.transcribe([clip.task for clip in clips()], unobserved)
    right: list[float] = []
    wrong: list[float] = []
    for clip, words in zip(clips(), heard, strict=True):
        assert all(word.confidence is not None for word in words)
        known = set(texts(clip.words))
        for word in words:
            (right if word.text in known else wrong).append(word.confidence or 0.0)
    assert wrong
    assert float(np.mean(wrong)) < float(np.mean(right))


def test_a_batch_hears_what_each_of_its_windows_alone_says(
    transcriber: SherpaTranscriber,
) -> None:
    batching = SherpaTranscriber(FILES, settings=SherpaSettings(batch_size=8))
    tasks = [clip.task for clip in PINNED]
    alone, together = (each.transcribe(tasks, unobserved) for each in (transcriber, batching))
    for clip, one, other in zip(PINNED, alone, together, strict=True):
        assert texts(one) == texts(other), clip.name
        for left, right in zip(one, other, strict=True):
            assert abs(left.start - right.start) <= 0.16 + 1e-6
            assert abs(left.end - right.end) <= 0.16 + 1e-6


@pytest.mark.parametrize("samples", [0, 1, 100, 400, 1600, 8000])
def test_hardly_any_sound_is_no_trouble(transcriber: SherpaTranscriber, samples: int) -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, samples)
    duration = samples / SAMPLE_RATE
    assert all(word.end <= duration for word in hear(transcriber, noise))


def test_silence_gives_no_words(transcriber: SherpaTranscriber) -> None:
    assert hear(transcriber, SPEECHLESS["silence"](), Interval(1.0, 9.0)) == []


def test_speech_that_gave_no_word_is_tried_again_without_its_surroundings() -> None:
    clip = PINNED[0]
    speech = Interval(clip.words[0].start, clip.words[-1].end)
    window = Window(Interval(0.0, clip.waveform.duration), (speech,))
    task = WindowTask(clip.waveform, window)
    deaf = DeafAtFirst(FILES)
    assert texts(deaf.transcribe([task], unobserved)[0]) == texts(clip.words)
    assert deaf.intervals == [window.interval, speech]
    words = deaf.transcribe([task], unobserved)[0]
    assert max(start_errors(clip, words)) < 0.25


class DeafAtFirst(SherpaTranscriber):
    """Hears nothing in a whole window, as Parakeet now and then does after a pause."""

    def __init__(self, files: SherpaFiles) -> None:
        super().__init__(files)
        self.intervals: list[Interval] = []

    def _words(
        self, tasks: Sequence[WindowTask], intervals: Sequence[Interval]
    ) -> list[list[Word]]:
        self.intervals += intervals
        if any(task.window.interval == each for task, each in zip(tasks, intervals, strict=True)):
            return [[] for _ in tasks]
        return super()._words(tasks, intervals)
