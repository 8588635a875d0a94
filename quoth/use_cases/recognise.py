"""The words of a recording: which language, which engine, which windows, stretch by stretch."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from quoth.domain.audio import Interval, Waveform
from quoth.domain.errors import CannotTranslate, UnsupportedLanguage
from quoth.domain.progress import Stage
from quoth.domain.stitching import settle
from quoth.domain.transcript import Word
from quoth.domain.windowing import (
    Window,
    WindowLimits,
    growing_groups,
    plan_windows,
    stretches,
)
from quoth.ports.language_detector import LanguageDetector, LanguageGuess
from quoth.ports.progress import Progress
from quoth.ports.transcriber import EngineInfo, Transcriber, TranscriptionOptions, WindowTask
from quoth.use_cases.observing import ProgressBoard, WordListener

DETECTION_SHARE = 0.03
"""Part of the transcription stage that telling the language takes."""
SURE_OF_LANGUAGE = 0.5
"""Probability below which a language is a guess, about which the reader is told."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The words of a recording, their language if there are any, and what recognised them."""

    words: Sequence[Word]
    language: str | None
    info: EngineInfo
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecogniseWords:
    """Recognises the words of a recording.

    Args:
        transcriber: the engine.
        language_detector: tells the language where nobody said it.
        fallback: takes over languages the engine lacks; None where the engine was asked for by
            name and such a language is the caller's mistake.
        chunk_duration: seconds of the outer stretch whose windows go to the engine together;
            None for the whole recording. It changes no window.
        padding: seconds of sound kept before and after speech, None for what is usual.
    """

    transcriber: Transcriber
    language_detector: LanguageDetector | None = None
    fallback: Transcriber | None = None
    chunk_duration: float | None = None
    padding: float | None = None

    def check(self, options: TranscriptionOptions) -> None:
        """Raise for what can be refused before any work is done.

        Raises:
            UnsupportedLanguage: if no engine recognises the language, or one of the candidates.
            CannotTranslate: if no engine translates.
        """
        self.engine_for(options.language, options)
        for candidate in options.candidates:
            try:
                self.engine_for(candidate, options)
            except UnsupportedLanguage as error:
                error.parameter = "languages"
                raise

    def engine_for(self, language: str | None, options: TranscriptionOptions) -> Transcriber:
        """Return the engine that recognises a language and can do what is asked for.

        Raises:
            UnsupportedLanguage: if none recognises it.
            CannotTranslate: if none translates.
        """
        engines = [self.transcriber, *([self.fallback] if self.fallback else [])]
        able = [each for each in engines if each.info.has_translation or not options.is_translated]
        if not able:
            raise CannotTranslate(self.transcriber.info.engine, self.transcriber.info.model)
        for engine in able:
            if language is None or language in engine.info.languages:
                return engine
        names = " or ".join(engine.info.engine for engine in able)
        known = {known for engine in able for known in engine.info.languages}
        raise UnsupportedLanguage(str(language), names, tuple(sorted(known)))

    def __call__(
        self,
        options: TranscriptionOptions,
        waveform: Waveform,
        speech: Sequence[Interval],
        board: ProgressBoard,
        listener: WordListener | None = None,
    ) -> Recognised:
        """Recognise the words of all speech.

        With a listener the engine gets few windows at first and more later, so that the first
        words are there soon; it is told of the words while the rest is still being recognised.

        Raises:
            UnsupportedLanguage: if no engine recognises the language that is spoken.
            EngineError: if an engine could not do it.
            Cancelled: if the board's observer raised it.
        """
        language, done = options.language, 0.0
        warnings: list[str] = []
        engine = self.engine_for(language, options)
        windows = self._plan(engine, speech, waveform)
        if language is None and self.language_detector is not None:
            done = DETECTION_SHARE
            guess = self.language_detector.detect_language(
                waveform,
                windows,
                board.progress(Stage.TRANSCRIBE, 0.0, done),
                options.candidates,
            )
            language, engine = self._judge(guess, options, warnings)
            windows = self._plan(engine, speech, waveform)
        if engine is not self.transcriber:
            warnings.append(_taken_over(self.transcriber.info, engine.info, language, options))
        warnings += _ignored(engine.info, options)
        progress = board.progress(Stage.TRANSCRIBE, done, 1.0)
        groups = (
            stretches(windows, self.chunk_duration)
            if listener is None
            else growing_groups(windows, engine.info.batch_seconds)
        )
        heard = _heard(engine, waveform, groups, replace(options, language=language), progress)
        written = "en" if options.is_translated else language
        words: list[Word] = []
        for settled in settle(windows, heard):
            words += settled
            if settled and listener is not None:
                listener(settled, written)
        board.advance(Stage.TRANSCRIBE, 1.0)
        return Recognised(words, written, engine.info, tuple(warnings))

    def _judge(
        self, guess: LanguageGuess | None, options: TranscriptionOptions, warnings: list[str]
    ) -> tuple[str | None, Transcriber]:
        """Decide on language and engine.

        A guess that may be wrong changes no engine, unless the caller says that it is one of few.
        """
        usual = self.engine_for(None, options)
        if guess is None:
            return None, usual
        if guess.probability < SURE_OF_LANGUAGE:
            doubt = f"{guess.language} with {guess.probability:.0%} certainty"
            warnings.append(f"The language was hard to tell: {doubt}. If wrong, say which it is.")
        if guess.probability >= SURE_OF_LANGUAGE or options.candidates:
            return guess.language, self.engine_for(guess.language, options)
        is_known = guess.language in usual.info.languages
        return guess.language if is_known else None, usual

    def _plan(
        self, engine: Transcriber, speech: Sequence[Interval], waveform: Waveform
    ) -> list[Window]:
        limits = WindowLimits(engine.info.longest_window)
        if self.padding is not None:
            limits = replace(limits, padding=self.padding)
        return plan_windows(speech, waveform.duration, limits)


def _heard(
    engine: Transcriber,
    waveform: Waveform,
    groups: Iterable[Sequence[Window]],
    options: TranscriptionOptions,
    progress: Progress,
) -> Iterator[list[Word]]:
    """Yield the words of each window, which are then gone: ten hours of them are not held twice."""
    planned = list(groups)
    total = sum(window.interval.duration for group in planned for window in group)
    done = 0.0
    for group in planned:
        share = sum(window.interval.duration for window in group) / total
        tasks = [WindowTask(waveform, window, options) for window in group]
        words = deque(engine.transcribe(tasks, _part(progress, done, share)))
        while words:
            yield words.popleft()
        done += share


def _part(progress: Progress, done: float, share: float) -> Progress:
    """Return what work that is a share of the whole reports to."""
    return lambda fraction: progress(min(1.0, done + share * fraction))


def _taken_over(
    lacking: EngineInfo, taken: EngineInfo, language: str | None, options: TranscriptionOptions
) -> str:
    lack = f"know the language {language!r}"
    if options.is_translated and not lacking.has_translation:
        lack = "translate"
    return (
        f"The {lacking.engine} engine ({lacking.model}) does not {lack}: "
        f"the {taken.engine} engine ({taken.model}) recognised the words."
    )


def _ignored(info: EngineInfo, options: TranscriptionOptions) -> Iterator[str]:
    """Say what the engine cannot take into account."""
    unheeded = {
        "The keywords were": bool(options.keywords) and not info.has_keywords,
        "The prompt was": bool(options.prompt) and not info.has_prompt,
    }
    for what, is_ignored in unheeded.items():
        if is_ignored:
            yield f"{what} ignored: the {info.engine} engine ({info.model}) takes none."
