"""Parakeet and every other TDT, RNNT or CTC model of NeMo as a transcriber."""

import gc
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from quoth.adapters.nemo.checkpoint import ENGINE, Checkpoint, read_checkpoint
from quoth.adapters.nemo.loading import import_torch, load_network, too_little_memory
from quoth.adapters.nemo.memory import Answer, Budget, Item
from quoth.adapters.nemo.model_files import NemoFiles, describe_nemo
from quoth.adapters.nemo.network import Network, Sound
from quoth.adapters.nemo.settings import NemoSettings
from quoth.adapters.nemo.streams import Grid, Streams, in_silence
from quoth.adapters.pytorch.errors import is_poisoned
from quoth.domain.audio import SAMPLE_RATE, Interval, Samples
from quoth.domain.errors import EngineFailed, EngineLost, EngineOutOfMemory
from quoth.domain.tokens import words_of
from quoth.domain.transcript import Word
from quoth.ports.progress import Progress
from quoth.ports.streaming import StreamTask, StreamWords
from quoth.ports.transcriber import EngineInfo, WindowTask

Loader: TypeAlias = Callable[[Checkpoint, str, str], Any]
"""Gives NeMo's model for a checkpoint, a device and a precision, as `load_network` does."""

_MUTE = 3e-4
"""Peak below which a window holds nothing: 10 steps of 16 bits."""
_WORTH_A_SECOND_LOOK = 0.3
"""Seconds of speech in a window from which no word at all is suspicious."""
_BREATH = 0.1
"""Seconds kept before speech when it is tried again."""


class NemoTranscriber:
    """A NeMo model, loaded and warm.

    Args:
        files: the model.
        device: `cpu`, `cuda` or `cuda:1`.
        threads: threads of a processor; 0 for as many as torch likes.
        settings: how it is run.
        load: gives the model; one that is loaded already can be run in several ways.

    Raises:
        EngineUnavailable: if NeMo, the device or the memory is not there, or the file is no
            model that this engine can use.
    """

    def __init__(
        self,
        files: NemoFiles,
        *,
        device: str = "cpu",
        threads: int = 0,
        settings: NemoSettings | None = None,
        load: Loader = load_network,
    ) -> None:
        self._settings = settings or NemoSettings()
        self._info = describe_nemo(files, device, self._settings)
        self._torch = import_torch()
        if threads:
            self._torch.set_num_threads(threads)
        checkpoint = read_checkpoint(files.path)
        model = load(checkpoint, device, self._settings.precision)
        self._network = Network(self._torch, model, checkpoint, self._settings.length_step)
        self._budget = Budget(
            self._settings.forward_seconds, self._settings.most_windows, self._give_back
        )
        self._is_lost = False
        try:
            self._warm_up(device)
        except EngineOutOfMemory as error:
            raise too_little_memory(self._torch, device) from error

    @property
    def info(self) -> EngineInfo:
        """What it is and can do."""
        return self._info

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        """Recognise the words of each window.

        Where somebody speaks and no word came, which a pause at the beginning can cause, the
        rest of the window is tried once more from its first speech on.

        Raises:
            Cancelled: if `progress` raised it.
            EngineOutOfMemory: if not even one window at a time fits into memory.
            EngineLost: if the GPU can never be used again by this process.
            EngineFailed: if NeMo could not do it.
        """
        words: list[list[Word]] = [[] for _ in tasks]
        intervals = [task.window.interval for task in tasks]
        done = 0
        for batch in self._budget.batches([interval.duration for interval in intervals]):
            chosen = [(tasks[index], intervals[index]) for index in batch]
            for index, found in zip(batch, self._recognise(chosen), strict=True):
                words[index] = found
            done += len(batch)
            progress(done / len(tasks))
        return words

    def advance(self, tasks: Sequence[StreamTask], progress: Progress) -> list[StreamWords]:
        """Recognise what came in of each stream; see the port.

        Raises:
            Cancelled: if `progress` raised it.
            EngineOutOfMemory, EngineLost, EngineFailed: as `transcribe` does.
        """
        streams = self._streams
        stages = [streams.stage(task) for task in tasks]
        found = [in_silence(stage.step) for stage in stages]
        heard = [at for at, stage in enumerate(stages) if _is_heard(stage.step.samples)]
        done = len(tasks) - len(heard)
        for batch in self._budget.batches([tasks[at].seconds for at in heard]):
            chosen = [heard[index] for index in batch]
            longest = max(tasks[at].seconds for at in chosen)
            answers = self._run(self._network.advance, [stages[at].step for at in chosen], longest)
            for at, stepped in zip(chosen, answers, strict=True):
                found[at] = stepped
            done += len(chosen)
            progress(done / len(tasks))
        return [streams.words(*each) for each in zip(stages, found, strict=True)]

    @cached_property
    def _streams(self) -> Streams:
        frame = self._network.frame_samples
        around = self._settings.stream_left, self._settings.stream_right
        left, right = (round(seconds * SAMPLE_RATE / frame) for seconds in around)
        return Streams(Grid(frame, left, right), self._network.vocabulary)

    def _recognise(self, batch: Sequence[tuple[WindowTask, Interval]]) -> list[list[Word]]:
        words = self._words(batch)
        silent = [at for at, (task, _) in enumerate(batch) if not words[at] and _is_spoken(task)]
        again = [(batch[at][0], _from_first_speech(batch[at][0])) for at in silent]
        for at, (_, rest), found in zip(silent, again, self._words(again), strict=True):
            offset = rest.start - batch[at][1].start
            words[at] = [
                Word(word.text, word.start + offset, word.end + offset, word.confidence)
                for word in found
            ]
        return words

    def _words(self, batch: Sequence[tuple[WindowTask, Interval]]) -> list[list[Word]]:
        """Recognise one interval of each task; times are relative to the interval."""
        words: list[list[Word]] = [[] for _ in batch]
        sounds = [task.waveform.cut(interval) for task, interval in batch]
        heard = [at for at, samples in enumerate(sounds) if _is_heard(samples)]
        if not heard:
            return words
        longest = max(len(sounds[at]) for at in heard) / SAMPLE_RATE
        expected = [task.options.keywords for task, _ in batch]
        chosen = [Sound(sounds[at], expected[at]) for at in heard]
        tokens = self._run(self._network.hear, chosen, longest)
        for at, found in zip(heard, tokens, strict=True):
            duration = batch[at][1].duration
            words[at] = words_of([each for each in found if each.start < duration], duration)
        return words

    def _run(
        self, work: Callable[[Sequence[Item]], list[Answer]], items: Sequence[Item], longest: float
    ) -> list[Answer]:
        """Let the network work within the budget; its errors become ours."""
        if self._is_lost:
            raise EngineLost(ENGINE, "an earlier error on the GPU cannot be undone")
        try:
            return self._budget.run(work, items, longest)
        except RuntimeError as error:
            detail = str(error).partition("\n")[0]
            if is_poisoned(error):
                self._is_lost = True
                raise EngineLost(ENGINE, detail) from error
            raise EngineFailed(ENGINE, detail) from error

    def _give_back(self) -> None:
        """Give back what torch keeps for later, after an allocation failed."""
        gc.collect()
        if self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def _warm_up(self, device: str) -> None:
        """Compute once before anybody waits for it, and on a GPU measure what audio costs."""
        if not device.startswith("cuda"):
            self._run(self._network.hear, [_noise(1.0)], 1.0)
            return
        memory, longest = self._torch.cuda, self._settings.longest_window
        self._run(self._network.hear, [_noise(longest)], longest)
        before = memory.memory_allocated(device)
        memory.reset_peak_memory_stats(device)
        self._run(self._network.hear, [_noise(longest)], longest)
        cost = (memory.max_memory_allocated(device) - before) / longest
        affordable = self._settings.memory_bytes / max(cost, 1.0)
        self._budget.seconds = min(self._budget.seconds, max(affordable, longest))
        self._network.prepare(self._settings.most_windows, longest)
        count = int(self._budget.seconds / longest)
        self._run(self._network.hear, [_noise(longest)] * count, longest)


def _is_heard(samples: Samples) -> bool:
    return float(np.abs(samples).max(initial=0)) > _MUTE


def _noise(seconds: float) -> Sound:
    noise = np.random.default_rng(0).normal(0, 0.01, round(seconds * SAMPLE_RATE))
    return Sound(noise.astype(np.float32))


def _from_first_speech(task: WindowTask) -> Interval:
    """Return the window without the pause at its beginning, but for a breath."""
    interval, speech = task.window.interval, task.window.speech
    start = speech[0].start - _BREATH if speech else interval.start
    return Interval(min(max(interval.start, start), interval.end), interval.end)


def _is_spoken(task: WindowTask) -> bool:
    """Tell whether enough is spoken in a window for no word at all to be suspicious."""
    speech = task.window.speech or ()
    return sum(each.duration for each in speech) >= _WORTH_A_SECOND_LOOK
