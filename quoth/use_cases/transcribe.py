"""One recording in, who said what and when out."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from quoth.domain.assembly import assemble_transcript
from quoth.domain.audio import Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.domain.errors import EngineError, UnsupportedLanguage
from quoth.domain.progress import Stage
from quoth.domain.stitching import stitch
from quoth.domain.transcript import Transcript, Word
from quoth.domain.windowing import Window, WindowLimits, plan_windows
from quoth.ports.audio_decoder import AudioDecoder, DecodedAudio, DecodeLimits
from quoth.ports.diarizer import Diarizer
from quoth.ports.language_detector import LanguageDetector
from quoth.ports.speech_detector import SpeechDetector
from quoth.ports.transcriber import Transcriber, TranscriptionOptions, WindowTask
from quoth.use_cases.observing import Clock, Observer, ProgressBoard, unobserved
from quoth.use_cases.requests import (
    RecognitionFailed,
    TranscriptionOutcome,
    TranscriptionRequest,
)

_T = TypeVar("_T")

DETECTION_SHARE = 0.03
"""Part of the transcription stage that telling the language takes."""
ANALYSIS_SHARE = 0.97
"""Part of the diarization stage that listening takes; the rest is clustering."""
SURE_OF_LANGUAGE = 0.5
"""Probability below which the reader is told that the language was a guess."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How recordings are worked on.

    Args:
        limits: what decoding may cost.
        is_parallel: whether words and speakers are worked on side by side.
    """

    limits: DecodeLimits = DecodeLimits()
    is_parallel: bool = True


@dataclass(frozen=True, slots=True)
class _Recognised:
    words: Sequence[Word]
    language: str | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Diarized:
    evidence: SpeakerEvidence
    diarization: Diarization


@dataclass(frozen=True, slots=True)
class TranscribeRecording:
    """The main job: decode, find speech, recognise words and speakers, put them together."""

    decoder: AudioDecoder
    speech_detector: SpeechDetector
    transcriber: Transcriber
    language_detector: LanguageDetector | None
    diarizer: Diarizer
    clock: Clock
    policy: Policy = Policy()

    def __call__(
        self, request: TranscriptionRequest, workspace: Path, observer: Observer = unobserved
    ) -> TranscriptionOutcome:
        """Transcribe a recording.

        Args:
            request: what is asked for.
            workspace: a folder for intermediate files; the caller removes it.
            observer: told of progress; may raise `Cancelled`.

        Raises:
            InputError: if the recording or the options cannot be served.
            RecognitionFailed: if the words could not be had; it carries the speakers, if any.
            EngineError: if neither words nor speakers could be had.
            Cancelled: if the observer raised it; nothing goes on in the background.
        """
        self.check(request)
        stages = [stage for stage in Stage if request.diarize or stage is not Stage.DIARIZE]
        board = ProgressBoard(stages, observer, self.clock)
        audio = self.decoder.decode(
            request.source,
            workspace / "audio.s16",
            self.policy.limits,
            board.progress(Stage.DECODE),
        )
        board.advance(Stage.DECODE, 1.0)
        speech = self.speech_detector.detect_speech(
            audio.waveform, board.progress(Stage.DETECT_SPEECH)
        )
        board.advance(Stage.DETECT_SPEECH, 1.0)
        limits = WindowLimits(longest=self.transcriber.info.longest_window)
        windows = plan_windows(speech, audio.waveform.duration, limits)
        return self._work(request, audio, windows, board)

    def check(self, request: TranscriptionRequest) -> None:
        """Raise for what can be refused before any work is done.

        Raises:
            UnsupportedLanguage: if the engine does not know the language asked for.
        """
        info, language = self.transcriber.info, request.options.language
        if language is not None and language not in info.languages:
            raise UnsupportedLanguage(language, info.engine, info.languages)

    def _work(
        self,
        request: TranscriptionRequest,
        audio: DecodedAudio,
        windows: Sequence[Window],
        board: ProgressBoard,
    ) -> TranscriptionOutcome:
        if not windows:
            return self._nobody_speaks(request, audio, board)
        workers = 2 if self.policy.is_parallel else 1
        with ThreadPoolExecutor(workers, thread_name_prefix="branch") as executor:
            recognising = executor.submit(
                self._recognise, request.options, audio.waveform, windows, board
            )
            diarizing = (
                executor.submit(self._diarize, request.hints, audio.waveform, board)
                if request.diarize
                else None
            )
        problem = _engine_error(diarizing) if diarizing else None
        diarized = diarizing.result() if diarizing and not problem else None
        cause = _engine_error(recognising)
        recognised = None if cause else recognising.result()
        warnings = (f"Speakers could not be told apart. {problem}",) if problem else ()
        outcome = TranscriptionOutcome(
            self._transcript(request, audio, recognised, diarized, warnings),
            diarized.evidence if diarized else None,
        )
        if cause is not None and diarized is not None:
            raise RecognitionFailed(cause, outcome) from cause
        if cause is not None:
            raise cause
        return outcome

    def _nobody_speaks(
        self, request: TranscriptionRequest, audio: DecodedAudio, board: ProgressBoard
    ) -> TranscriptionOutcome:
        board.finish()
        told = speaker_warnings(Diarization(), request.hints, request.names)
        return TranscriptionOutcome(self._transcript(request, audio, None, None, list(told)))

    def _recognise(
        self,
        options: TranscriptionOptions,
        waveform: Waveform,
        windows: Sequence[Window],
        board: ProgressBoard,
    ) -> _Recognised:
        language, done = options.language, 0.0
        warnings: tuple[str, ...] = ()
        if language is None and self.language_detector is not None:
            done = DETECTION_SHARE
            guess = self.language_detector.detect_language(
                waveform, windows, board.progress(Stage.TRANSCRIBE, 0.0, done)
            )
            language = guess.language if guess else None
            if guess and guess.probability < SURE_OF_LANGUAGE:
                doubt = f"{guess.language} with {guess.probability:.0%} certainty"
                warnings = (f"The language was hard to tell: {doubt}. If wrong, say which it is.",)
        options = TranscriptionOptions(language, options.prompt, options.temperature)
        words = self.transcriber.transcribe(
            [WindowTask(waveform, window, options) for window in windows],
            board.progress(Stage.TRANSCRIBE, done, 1.0),
        )
        board.advance(Stage.TRANSCRIBE, 1.0)
        return _Recognised(stitch(windows, words), language, warnings)

    def _diarize(self, hints: SpeakerHints, waveform: Waveform, board: ProgressBoard) -> _Diarized:
        evidence = self.diarizer.analyse(
            waveform, board.progress(Stage.DIARIZE, 0.0, ANALYSIS_SHARE)
        )
        diarization = self.diarizer.cluster(
            evidence, hints, board.progress(Stage.DIARIZE, ANALYSIS_SHARE, 1.0)
        )
        board.advance(Stage.DIARIZE, 1.0)
        return _Diarized(evidence, diarization)

    def _transcript(
        self,
        request: TranscriptionRequest,
        audio: DecodedAudio,
        recognised: _Recognised | None,
        diarized: _Diarized | None,
        warnings: Sequence[str] = (),
    ) -> Transcript:
        info = self.transcriber.info
        diarization = diarized.diarization if diarized else None
        found = recognised or _Recognised((), None)
        told = [*audio.warnings, *found.warnings, *warnings]
        if diarization is not None:
            told += speaker_warnings(diarization, request.hints, request.names)
        return assemble_transcript(
            found.words,
            diarization,
            language=found.language if found.words else None,
            duration=audio.waveform.duration,
            engine=info.engine,
            model=info.model,
            names=request.names,
            warnings=told,
        )


def speaker_warnings(
    diarization: Diarization, hints: SpeakerHints, names: Sequence[str]
) -> Iterator[str]:
    """Say where what was found differs from what was hinted at."""
    count = len(diarization.speakers)
    if count < hints.fewest and (hints.exact or hints.minimum):
        yield f"{hints.fewest} speakers were asked for, but there is evidence for only {count}."
    if len(names) > count:
        yield f"{len(names)} names were given, but only {count} speakers were found."


def _engine_error(future: Future[_T]) -> EngineError | None:
    """Wait for a branch and return the engine's error, if that is how it ended."""
    error = future.exception()
    return error if isinstance(error, EngineError) else None
