"""Parakeet TDT, and other NeMo transducers, on sherpa-onnx as a transcriber."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np

from quoth.adapters.sherpa.model_files import SherpaFiles, describe_sherpa
from quoth.adapters.sherpa.networks import check_networks
from quoth.adapters.sherpa.recognisers import Recognisers
from quoth.adapters.sherpa.settings import SherpaSettings
from quoth.domain.audio import Interval
from quoth.domain.tokens import Token, words_of
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.transcriber import EngineInfo, WindowTask

_MUTE = 3e-4
"""Peak below which a window holds nothing: 10 steps of 16 bits."""
_WORTH_A_SECOND_LOOK = 0.3
"""Seconds of speech in a window from which no word at all is suspicious."""


class SherpaTranscriber:
    """A NeMo transducer, loaded.

    sherpa-onnx ends the process when it is given what it does not like, so everything is checked
    before it sees it.

    Args:
        files: the model.
        device: `cpu` or `cuda`.
        threads: threads of one call.
        workers: batches computed side by side.
        settings: how it is run.

    Raises:
        EngineUnavailable: if the files are no such model or the device cannot compute it.
    """

    def __init__(
        self,
        files: SherpaFiles,
        *,
        device: str = "cpu",
        threads: int = 1,
        workers: int = 1,
        settings: SherpaSettings | None = None,
    ) -> None:
        self._settings = settings or SherpaSettings()
        self._info = describe_sherpa(files, device, self._settings)
        self._workers = workers
        check_networks(files)
        self._recognisers = Recognisers(files, device, threads, self._settings)

    @property
    def info(self) -> EngineInfo:
        """What it is and can do."""
        return self._info

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        """Recognise the words of each window.

        Where somebody speaks and no word came, which a pause at the beginning can cause, the
        speech is tried once more without what is around it.

        Raises:
            Cancelled: if `progress` raised it.
            EngineFailed: if sherpa-onnx could not do it.
        """
        words: list[list[Word]] = [[] for _ in tasks]
        order = sorted(range(len(tasks)), key=lambda index: -tasks[index].window.interval.duration)
        with ThreadPoolExecutor(self._workers) as pool:
            batches = list(_groups(order, self._settings.batch_size))
            futures = [
                pool.submit(self._recognise, [tasks[index] for index in batch]) for batch in batches
            ]
            done = 0
            try:
                for batch, future in zip(batches, futures, strict=True):
                    for index, recognised in zip(batch, future.result(), strict=True):
                        words[index] = recognised
                    done += len(batch)
                    progress(done / len(tasks))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return words

    def _recognise(self, tasks: Sequence[WindowTask]) -> list[list[Word]]:
        intervals = [task.window.interval for task in tasks]
        words = self._words(tasks, intervals)
        silent = [at for at, task in enumerate(tasks) if not words[at] and _speech_is_sure(task)]
        again = self._words([tasks[at] for at in silent], [_spoken(tasks[at]) for at in silent])
        for at, found in zip(silent, again, strict=True):
            offset = _spoken(tasks[at]).start - intervals[at].start
            words[at] = [
                Word(word.text, word.start + offset, word.end + offset, word.confidence)
                for word in found
            ]
        return words

    def _words(
        self, tasks: Sequence[WindowTask], intervals: Sequence[Interval]
    ) -> list[list[Word]]:
        """Recognise one interval of each task in one batch; times are relative to the interval."""
        words: list[list[Word]] = [[] for _ in tasks]
        sounds = [
            task.waveform.cut(interval) for task, interval in zip(tasks, intervals, strict=True)
        ]
        heard = [
            at for at, samples in enumerate(sounds) if np.abs(samples).max(initial=0.0) > _MUTE
        ]
        if not heard:
            return words
        results = self._recognisers.hear(
            [sounds[at] for at in heard], [tasks[at].options.keywords for at in heard]
        )
        for at, result in zip(heard, results, strict=True):
            words[at] = words_of(_tokens(result), intervals[at].duration)
        return words


def _groups(order: Sequence[int], size: int) -> Iterator[list[int]]:
    """Yield `size` indices at a time."""
    rest = iter(order)
    while group := list(islice(rest, size)):
        yield group


def _tokens(result: Any) -> list[Token]:
    """Return the tokens of a result; a model without durations ends each where the next begins."""
    starts = list(result.timestamps)
    ends = [
        start + duration for start, duration in zip(starts, result.durations or [], strict=False)
    ] or [*starts[1:], *starts[-1:]]
    probabilities = result.ys_log_probs or [None] * len(starts)
    return [Token(*each) for each in zip(result.tokens, starts, ends, probabilities, strict=True)]


def _spoken(task: WindowTask) -> Interval:
    """Return the window from its first to its last speech."""
    interval, speech = task.window.interval, task.window.speech
    if not speech:
        return interval
    start, end = max(speech[0].start, interval.start), min(speech[-1].end, interval.end)
    return Interval(start, max(start, end))


def _speech_is_sure(task: WindowTask) -> bool:
    """Tell whether enough is spoken in a window for no word at all to be suspicious."""
    speech = task.window.speech or ()
    return sum(each.duration for each in speech) >= _WORTH_A_SECOND_LOOK
