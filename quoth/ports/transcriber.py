"""What a speech recogniser does, whatever it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from quoth.domain.audio import Waveform
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.progress import Progress


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is and can do, known before it is loaded and before any request.

    Args:
        engine: what the user picks (`whisper`).
        model: the weights by name.
        languages: ISO 639-1 codes it recognises, sorted.
        sample_rate: samples per second it wants.
        longest_window: seconds of audio it takes in one window.
        batch_seconds: audio seconds that are best sent in one batch on this machine.
        device: `cpu`, `cuda`, `cuda:1`.
        provider: the library and precision that compute (`ctranslate2-int8`).
        has_word_times: whether its words carry times of their own.
        has_confidence: whether its words carry a confidence.
        has_language_detection: whether it can tell the language by itself.
        has_keywords: whether it can be biased towards given words.
        has_prompt: whether it takes a text that came before.
        has_translation: whether it can write English whatever is spoken.
        has_streaming: whether it takes audio as it is spoken (`quoth.ports.streaming`).
    """

    engine: str
    model: str
    languages: tuple[str, ...]
    sample_rate: int
    longest_window: float
    batch_seconds: float
    device: str
    provider: str
    has_word_times: bool = True
    has_confidence: bool = True
    has_language_detection: bool = False
    has_keywords: bool = False
    has_prompt: bool = False
    has_translation: bool = False
    has_streaming: bool = False


@dataclass(frozen=True, slots=True)
class TranscriptionOptions:
    """How to recognise.

    Args:
        language: ISO 639-1 code of what is spoken; None lets the engine decide per window.
        candidates: languages it can only be where `language` is None; none for any.
        prompt: text in the style and spelling expected, for engines with `has_prompt`.
        temperature: 0 takes the likeliest words; above it, in (0, 1], words are sampled.
        keywords: words and phrases to expect, for engines with `has_keywords`.
        is_translated: whether to write English whatever is spoken, for engines with
            `has_translation`; `language` is still what is spoken.
    """

    language: str | None = None
    prompt: str | None = None
    temperature: float = 0.0
    candidates: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    is_translated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class WindowTask:
    """One window of one waveform with how to recognise it; a batch may mix callers.

    Args:
        waveform: what was said.
        window: where in it.
        options: how to recognise it.
        is_urgent: for somebody who speaks while it is recognised: others wait a little.
        is_draft: the window will be recognised again: an engine need not try hard where it doubts.
    """

    waveform: Waveform
    window: Window
    options: TranscriptionOptions = TranscriptionOptions()
    is_urgent: bool = False
    is_draft: bool = False

    @property
    def seconds(self) -> float:
        """How much there is to hear."""
        return self.window.interval.duration


class Transcriber(Protocol):
    """A speech recogniser with its weights loaded."""

    @property
    def info(self) -> EngineInfo:
        """What it is and can do."""

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        """Recognise the words of each window.

        Args:
            tasks: windows no longer than `info.longest_window`, of any waveforms and languages.
            progress: told the fraction of tasks done.

        Returns:
            A list of words for each task, in order of `start`, times relative to its window and
            inside it. Silence and noise give an empty list.

        Raises:
            Cancelled: if `progress` raised it.
            EngineFailed: if the engine could not do it.
        """
