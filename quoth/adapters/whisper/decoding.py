"""Running Whisper's encoder and decoder on a batch of windows, on CTranslate2."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2 import StorageView
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray

from quoth.adapters.whisper.plausibility import compression_ratio
from quoth.domain.audio import SAMPLE_RATE, Samples

LONGEST_CONTEXT = 30.0
"""Seconds of sound the encoder hears at most, and was trained on."""
_FRAMES_PER_SECOND = 100
_LONGEST_PROMPT = 223
_LONGEST_KEYWORDS = 111
_LONGEST_TEXT = 448
_GIVEN = 5
"""Tokens before the text, beside those of the text before the window."""


@dataclass(frozen=True, slots=True)
class Search:
    """How the decoder looks for the likeliest text.

    Args:
        beam_size: hypotheses followed side by side.
        temperature: 0 takes the likeliest; above it one text is sampled.
        no_repeat: number of words that may not follow one another twice; 0 for no such rule.
        most_tokens: the text may have; None for as many as the decoder can write.
    """

    beam_size: int
    temperature: float = 0.0
    no_repeat: int = 0
    most_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What the decoder wrote about one window: text tokens, and how sure it was."""

    tokens: tuple[int, ...]
    text: str
    log_probability: float
    no_speech: float

    @property
    def repetition(self) -> float:
        """How far the text compresses."""
        return compression_ratio(self.text)


class WhisperDecoder:
    """A loaded Whisper model, with its tokenizer and filter bank.

    Args:
        model: folder of a converted model.
        device: `cpu`, `cuda` or `cuda:1`.
        compute_type: precision as CTranslate2 names it (`int8`, `float16`, ...).
        threads: threads of a worker; 0 for as many as CTranslate2 likes.
        workers: batches computed side by side.
    """

    def __init__(
        self, model: Path, device: str, compute_type: str, threads: int, workers: int
    ) -> None:
        kind, _, index = device.partition(":")
        self._whisper: Any = WhisperModel(
            str(model),
            device=kind,
            device_index=int(index or 0),
            compute_type=compute_type,
            cpu_threads=threads,
            num_workers=workers,
            local_files_only=True,
        )

    def features(self, samples: Samples, context: float) -> NDArray[np.float32]:
        """Return the log mel spectrogram of the samples followed by silence up to `context`.

        Silence is added to the samples and not to the spectrogram, as in training: the model
        hears the difference.
        """
        length = round(context * SAMPLE_RATE)
        padded = np.zeros(length, np.float32)
        padded[: len(samples)] = samples[:length]
        spectrogram: NDArray[np.float32] = self._whisper.feature_extractor(padded)
        return spectrogram[:, : round(context * _FRAMES_PER_SECOND)]

    def encode(self, features: Sequence[NDArray[np.float32]]) -> Any:
        """Encode spectrograms of one shape.

        A CPU encodes one after the other: together they are slower, for their attention outgrows
        its caches, and take memory for each.
        """
        if self._whisper.model.device != "cpu":
            return self._whisper.encode(np.stack(features))
        encoded = [np.asarray(self._whisper.encode(spectrogram)) for spectrogram in features]
        return StorageView.from_array(np.concatenate(encoded))

    def languages(self, encoded: Any) -> list[dict[str, float]]:
        """Return the probability of each language for each encoded window."""
        if not self._whisper.model.is_multilingual:
            return [{"en": 1.0}] * encoded.shape[0]
        return [
            {token[2:-2]: float(probability) for token, probability in guesses}
            for guesses in self._whisper.model.detect_language(encoded)
        ]

    def tokenizer(self, language: str, *, is_translated: bool = False) -> Tokenizer:
        """Return the tokenizer for what is spoken, which writes that language or English."""
        multilingual = self._whisper.model.is_multilingual
        task = "translate" if is_translated else "transcribe"
        tokenizer = Tokenizer(
            self._whisper.hf_tokenizer, multilingual, task=task, language=language
        )
        if is_translated:
            tokenizer.language_code = "en"  # by which it tells where words end
        return tokenizer

    def text_before(self, tokenizer: Tokenizer, prompt: str, keywords: str) -> list[int]:
        """Return the tokens the decoder takes for what it wrote before the window.

        Keywords come first, so that the prompt is nearest; of keywords the first are kept, of the
        prompt the last, as far as there is room.
        """
        expected = tokenizer.encode(" " + keywords)[:_LONGEST_KEYWORDS] if keywords else []
        previous = tokenizer.encode(" " + prompt.strip()) if prompt else []
        return expected + previous[-(_LONGEST_PROMPT - len(expected)) :]

    def generate(
        self, encoded: Any, tokenizer: Tokenizer, previous: list[int], search: Search
    ) -> list[Hypothesis]:
        """Write down what was said in each encoded window.

        Args:
            encoded: windows.
            tokenizer: of what is spoken.
            previous: tokens of the text before.
            search: how to look for the likeliest text.
        """
        results = self._whisper.model.generate(
            encoded,
            [self._whisper.get_prompt(tokenizer, previous)] * encoded.shape[0],
            beam_size=1 if search.temperature else search.beam_size,
            sampling_topk=0 if search.temperature else 1,
            sampling_temperature=search.temperature or 1.0,
            no_repeat_ngram_size=search.no_repeat,
            max_length=_length(search.most_tokens, len(previous)),
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [_hypothesis(result, tokenizer) for result in results]

    def align(
        self,
        encoded: Any,
        tokenizer: Tokenizer,
        texts: Sequence[Sequence[int]],
        durations: Sequence[float],
    ) -> list[list[dict[str, Any]]]:
        """Find when each word is said: for each window dicts of word, start, end, probability."""
        frames = [
            min(round(duration * _FRAMES_PER_SECOND), 2 * encoded.shape[1])
            for duration in durations
        ]
        found: list[list[dict[str, Any]]] = self._whisper.find_alignment(
            tokenizer, [list(text) for text in texts], encoded, frames
        )
        return found


def _length(most_tokens: int | None, previous: int) -> int:
    """Return the length for CTranslate2, which counts what it was given and keeps half for that."""
    if most_tokens is None:
        return _LONGEST_TEXT
    return min(_LONGEST_TEXT, max(2 * most_tokens, most_tokens + previous + _GIVEN))


def _hypothesis(result: Any, tokenizer: Tokenizer) -> Hypothesis:
    tokens = result.sequences_ids[0]
    text = tuple(token for token in tokens if token < tokenizer.eot)
    log_probability = result.scores[0] * len(tokens) / (len(tokens) + 1)
    return Hypothesis(
        text, tokenizer.decode(list(text)).strip(), log_probability, result.no_speech_prob
    )
