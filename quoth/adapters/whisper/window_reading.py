"""From the samples of windows to words that can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from quoth.adapters.whisper.decoding import LONGEST_CONTEXT, Search, WhisperDecoder
from quoth.adapters.whisper.plausibility import within_speech, without_bunches
from quoth.adapters.whisper.reading import Reading, Verdict, best
from quoth.adapters.whisper.unheard import unheard_speech, with_unheard
from quoth.adapters.whisper.word_timing import aligned_words, without_pauses
from quoth.domain.audio import SAMPLE_RATE, Interval, Samples
from quoth.domain.transcript import Word

_RETRIES = (Search(5, no_repeat=4), Search(5, temperature=0.4))
_PADDING = 0.3
_DRAFT_TOKENS_PER_SECOND = 8.0
_TOKENS_PER_SECOND = 40.0
_TOKENS = 12
"""Beside those of the seconds. Speech has 3 to 5 tokens in a second, and up to 30 in scripts that
Whisper writes byte by byte; a decoder in a loop, whose text is worth nothing, would go on for four
seconds while somebody waits."""


@dataclass(frozen=True, slots=True, order=True)
class Manner:
    """What windows read in one batch have in common.

    Args:
        language: of the speech.
        prompt: text that sets the style, or nothing.
        keywords: words to expect, as text, or nothing.
        temperature: 0 for the likeliest words, above it sampled ones.
        context: seconds the encoder hears, the window and silence after it.
        is_translated: whether English is written.
        is_draft: whether they are read again anyway, and doubt leads to no other reading now.
    """

    language: str
    prompt: str
    keywords: str
    temperature: float
    context: float
    is_translated: bool = False
    is_draft: bool = False

    @property
    def written(self) -> str:
        """The language of the words."""
        return "en" if self.is_translated else self.language


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """The samples of a window, and where in it somebody speaks, None where nobody looked.

    `encoded` is what the encoder made of it in the context in which it is first read, if that was
    needed before; None else.
    """

    samples: Samples
    speech: Sequence[Interval] | None
    encoded: Any = None

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / SAMPLE_RATE

    @property
    def speech_seconds(self) -> float:
        """How long somebody speaks, as far as known; else the length."""
        if self.speech is None:
            return self.duration
        return sum(stretch.duration for stretch in self.speech)

    def cut(self, stretch: Interval) -> "Sound":
        """Return a stretch of it, full of speech but for its padding."""
        first, last = round(stretch.start * SAMPLE_RATE), round(stretch.end * SAMPLE_RATE)
        return Sound(self.samples[first:last], None)


class WindowReader:
    """Reads windows, again where the first reading is doubtful or passed speech over.

    Args:
        decoder: a loaded model.
        beam_size: hypotheses the decoder follows side by side.
    """

    def __init__(self, decoder: WhisperDecoder, beam_size: int) -> None:
        self._decoder = decoder
        self._beam_size = beam_size

    def words(self, sounds: Sequence[Sound], manner: Manner) -> list[list[Word]]:
        """Return the words of windows read in one batch, times relative to each window."""
        search = Search(1 if manner.is_draft else self._beam_size, manner.temperature)
        encoded = sounds[0].encoded if len(sounds) == 1 else None
        readings = self._read(sounds, manner, search, encoded)
        return [
            self._words(sound, reading, manner)
            for sound, reading in zip(sounds, readings, strict=True)
        ]

    def _words(self, sound: Sound, reading: Reading, manner: Manner) -> list[Word]:
        believed = self._believed(sound, reading, manner)
        words = within_speech(without_bunches(believed.words), sound.speech)
        for stretch in unheard_speech(words, sound.speech or ()):
            words = with_unheard(words, self._second_hearing(sound, stretch, manner), stretch)
        return without_pauses(words, sound.speech)

    def _believed(self, sound: Sound, reading: Reading, manner: Manner) -> Reading:
        """Try again in other ways while a reading is doubtful, and return the best of all."""
        readings = [reading]
        patient = replace(manner, context=LONGEST_CONTEXT)
        encoded = None
        for search in () if manner.is_draft else _RETRIES:
            if readings[-1].verdict is not Verdict.DOUBTFUL:
                break
            if encoded is None:
                encoded = self._encoded([sound], patient)
            readings += self._read([sound], patient, search, encoded)
        return best(readings)

    def _second_hearing(self, sound: Sound, stretch: Interval, manner: Manner) -> list[Word]:
        """Read a stretch by itself; what is not sound then was passed over for a reason."""
        start = max(0.0, stretch.start - _PADDING)
        piece = sound.cut(Interval(start, min(stretch.end + _PADDING, sound.duration)))
        search = Search(self._beam_size, manner.temperature)
        (reading,) = self._read([piece], manner, search)
        if reading.verdict is not Verdict.SOUND:
            return []
        return [
            replace(word, start=word.start + start, end=word.end + start) for word in reading.words
        ]

    def _read(
        self, sounds: Sequence[Sound], manner: Manner, search: Search, encoded: Any = None
    ) -> list[Reading]:
        decoder = self._decoder
        tokenizer = decoder.tokenizer(manner.language, is_translated=manner.is_translated)
        if encoded is None:
            encoded = self._encoded(sounds, manner)
        before = decoder.text_before(tokenizer, manner.prompt, manner.keywords)
        rate = _DRAFT_TOKENS_PER_SECOND if manner.is_draft else _TOKENS_PER_SECOND
        longest = max(sound.duration for sound in sounds)
        bounded = replace(search, most_tokens=round(longest * rate) + _TOKENS)
        hypotheses = decoder.generate(encoded, tokenizer, before, bounded)
        texts = [hypothesis.tokens for hypothesis in hypotheses]
        durations = [sound.duration for sound in sounds]
        alignments = decoder.align(encoded, tokenizer, texts, durations)
        return [
            Reading(
                tuple(aligned_words(alignment, sound.duration, manner.written)),
                hypothesis.log_probability,
                hypothesis.no_speech,
                sound.speech_seconds,
            )
            for hypothesis, alignment, sound in zip(hypotheses, alignments, sounds, strict=True)
        ]

    def _encoded(self, sounds: Sequence[Sound], manner: Manner) -> Any:
        decoder = self._decoder
        return decoder.encode([decoder.features(sound.samples, manner.context) for sound in sounds])
