"""Whisper on CTranslate2 as a transcriber and a language detector."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby, islice
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from quoth.adapters.whisper.decoding import LONGEST_CONTEXT, WhisperDecoder
from quoth.adapters.whisper.language import likeliest_language, telling_windows
from quoth.adapters.whisper.model_files import ENGINE, describe_whisper
from quoth.adapters.whisper.settings import WhisperSettings
from quoth.adapters.whisper.window_reading import Manner, Sound, WindowReader
from quoth.domain.audio import Interval, Waveform
from quoth.domain.errors import EngineFailed, EngineUnavailable, UnsupportedLanguage
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.language_detector import LanguageGuess
from quoth.ports.progress import Progress
from quoth.ports.transcriber import EngineInfo, WindowTask

_MUTE = 3e-4
"""Peak below which a window holds nothing: 10 steps of 16 bits."""


class WhisperTranscriber:
    """A Whisper model of any size, loaded.

    Args:
        model: folder of a model converted for CTranslate2.
        name: what the model is called in transcripts.
        device: `cpu`, `cuda` or `cuda:1`.
        compute_type: precision as CTranslate2 names it.
        threads: threads of each worker; 0 for as many as CTranslate2 likes.
        workers: batches computed side by side.
        settings: how it is run.

    Raises:
        EngineUnavailable: if the folder holds no such model or the device cannot compute it.
    """

    def __init__(
        self,
        model: Path,
        name: str,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 0,
        workers: int = 1,
        settings: WhisperSettings | None = None,
    ) -> None:
        self._settings = settings or WhisperSettings()
        self._info = describe_whisper(model, name, device, compute_type, self._settings)
        self._workers = workers
        try:
            self._decoder = WhisperDecoder(model, device, compute_type, threads, workers)
        except (RuntimeError, ValueError) as error:
            cure = "Choose another DEVICE or COMPUTE_TYPE, or fetch the model again."
            raise EngineUnavailable(ENGINE, str(error), cure) from error
        self._reader = WindowReader(self._decoder, self._settings.beam_size)

    @property
    def info(self) -> EngineInfo:
        """What it is and can do."""
        return self._info

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        """Recognise the words of each window.

        Raises:
            Cancelled: if `progress` raised it.
            EngineFailed: if CTranslate2 could not do it.
        """
        words: list[list[Word]] = [[] for _ in tasks]
        with _engine_errors(), ThreadPoolExecutor(self._workers) as pool:
            encodings: dict[int, Any] = {}
            manners = {
                index: self._manner(task, index, encodings)
                for index, task in enumerate(tasks)
                if _peak(task) > _MUTE
            }
            batches = list(_batches(manners, self._settings.batch_size))
            futures = [
                pool.submit(
                    self._recognise,
                    [tasks[index] for index in batch],
                    manners[batch[0]],
                    [encodings.pop(index, None) for index in batch],
                )
                for batch in batches
            ]
            done = len(tasks) - len(manners)
            try:
                for batch, future in zip(batches, futures, strict=True):
                    for index, recognised in zip(batch, future.result(), strict=True):
                        words[index] = recognised
                    done += len(batch)
                    progress(done / len(tasks))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return words

    def detect_language(
        self,
        waveform: Waveform,
        windows: Sequence[Window],
        progress: Progress,
        candidates: Sequence[str] = (),
    ) -> LanguageGuess | None:
        """Return the language of the windows with most speech, None where there is no window.

        Raises:
            Cancelled: if `progress` raised it.
            EngineFailed: if CTranslate2 could not do it.
        """
        chosen = telling_windows(windows, self._settings.language_windows)
        guesses = []
        with _engine_errors():
            for count, window in enumerate(chosen, start=1):
                encoded = self._encoded(waveform, window, self._context(window))
                guesses.append((window.interval.duration, self._decoder.languages(encoded)[0]))
                progress(count / len(chosen))
        return likeliest_language(guesses, candidates) if guesses else None

    def _encoded(self, waveform: Waveform, window: Window, context: float) -> Any:
        samples = waveform.cut(window.interval)
        return self._decoder.encode([self._decoder.features(samples, context)])

    def _manner(self, task: WindowTask, index: int, encodings: dict[int, Any]) -> Manner:
        """Return how to read a window; what the encoder made of it meanwhile is noted."""
        options = task.options
        language = options.language
        context = self._context(task.window, is_draft=task.is_draft)
        if language is None:
            encodings[index] = self._encoded(task.waveform, task.window, context)
            probabilities = self._decoder.languages(encodings[index])[0]
            language = likeliest_language([(1.0, probabilities)], options.candidates).language
        elif len(self._info.languages) > 1 and language not in self._info.languages:
            raise UnsupportedLanguage(language, ENGINE, self._info.languages)
        return Manner(
            language,
            prompt=options.prompt or "",
            keywords=", ".join(options.keywords),
            temperature=options.temperature,
            context=context,
            is_translated=options.is_translated,
            is_draft=task.is_draft,
        )

    def _context(self, window: Window, *, is_draft: bool = False) -> float:
        settings, seconds = self._settings, window.interval.duration
        if is_draft and seconds <= settings.draft_window:
            return settings.draft_context
        steps = ceil((seconds + settings.tail) / settings.context_step)
        context = max(settings.shortest_context, steps * settings.context_step)
        return min(LONGEST_CONTEXT, context)

    def _recognise(
        self, tasks: Sequence[WindowTask], manner: Manner, encodings: Sequence[Any]
    ) -> list[list[Word]]:
        sounds = [
            Sound(task.waveform.cut(task.window.interval), _relative_speech(task.window), encoded)
            for task, encoded in zip(tasks, encodings, strict=True)
        ]
        return self._reader.words(sounds, manner)


def _batches(manners: dict[int, Manner], size: int) -> Iterator[list[int]]:
    """Group the indices of windows decoded in the same manner, at most `size` together."""
    order = sorted(manners, key=lambda index: (manners[index], index))
    for _, group in groupby(order, key=lambda index: manners[index]):
        while batch := list(islice(group, size)):
            yield batch


def _peak(task: WindowTask) -> float:
    samples = task.waveform.cut(task.window.interval)
    return float(np.abs(samples).max(initial=0.0))


def _relative_speech(window: Window) -> list[Interval] | None:
    if window.speech is None:
        return None
    start = window.interval.start
    return [
        Interval(max(0.0, stretch.start - start), stretch.end - start) for stretch in window.speech
    ]


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise EngineFailed(ENGINE, str(error)) from error
