"""One recording in, who said what and when out."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from quoth.domain.assembly import assemble_transcript
from quoth.domain.audio import Interval
from quoth.domain.diarization import Diarization
from quoth.domain.errors import EngineError, InputError
from quoth.domain.progress import Stage
from quoth.domain.references import Reference
from quoth.domain.transcript import Transcript
from quoth.ports.audio_decoder import AudioDecoder, DecodedAudio, DecodeLimits
from quoth.ports.diarizer import Diarizer
from quoth.ports.language_detector import LanguageDetector
from quoth.ports.speech_detector import SpeechDetector
from quoth.ports.transcriber import Transcriber
from quoth.use_cases.known_speakers import RecogniseSpeakers
from quoth.use_cases.observing import (
    Clock,
    Observer,
    ProgressBoard,
    WordListener,
    unobserved,
)
from quoth.use_cases.recognise import Recognised, RecogniseWords
from quoth.use_cases.requests import (
    RecognitionFailed,
    TranscriptionOutcome,
    TranscriptionRequest,
)
from quoth.use_cases.tell_apart import TellSpeakersApart, ToldApart, speaker_warnings

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Policy:
    """How recordings are worked on.

    Args:
        limits: what decoding may cost.
        is_parallel: whether words and speakers are worked on side by side.
        chunk_duration: seconds of the stretch whose windows go to the engine together, None for
            the whole recording.
    """

    limits: DecodeLimits = DecodeLimits()
    is_parallel: bool = True
    chunk_duration: float | None = None


@dataclass(frozen=True, slots=True)
class TranscribeRecording:
    """The main job: decode, find speech, recognise words and speakers, put them together.

    `fallback` recognises languages that the transcriber lacks, where there is one.
    """

    decoder: AudioDecoder
    speech_detector: SpeechDetector
    transcriber: Transcriber
    language_detector: LanguageDetector | None
    diarizer: Diarizer
    clock: Clock
    policy: Policy = Policy()
    fallback: Transcriber | None = None

    def __call__(
        self,
        request: TranscriptionRequest,
        workspace: Path,
        observer: Observer = unobserved,
        listener: WordListener | None = None,
    ) -> TranscriptionOutcome:
        """Transcribe a recording.

        Args:
            request: what is asked for.
            workspace: a folder for intermediate files; the caller removes it.
            observer: told of progress; may raise `Cancelled`.
            listener: told of words long before the transcript is there; those it is told of,
                joined, are its text.

        Raises:
            InputError: if the recording or the options cannot be served.
            RecognitionFailed: if the words could not be had; it carries the speakers, if any.
            EngineError: if neither words nor speakers could be had.
            Cancelled: if the observer raised it; nothing goes on in the background.
        """
        self.check(request)
        stages = [stage for stage in Stage if request.diarize or stage is not Stage.DIARIZE]
        board = ProgressBoard(stages, observer, self.clock)
        known = request.known if request.diarize else ()
        references = self.recognise_speakers.read(
            known, workspace, lambda _: board.advance(Stage.DECODE, 0.0)
        )
        audio = self.decoder.decode(
            request.source,
            workspace / "audio.s16",
            self.policy.limits,
            board.progress(Stage.DECODE),
        )
        board.advance(Stage.DECODE, 1.0)
        speech = self.speech_detector.detect_speech(
            audio.waveform, board.progress(Stage.DETECT_SPEECH), request.speech
        )
        board.advance(Stage.DETECT_SPEECH, 1.0)
        if not speech:
            return self._nobody_speaks(request, audio, board)
        return self._work(request, audio, speech, references, board=board, listener=listener)

    def check(self, request: TranscriptionRequest) -> None:
        """Raise for what can be refused before any work is done.

        Raises:
            UnsupportedLanguage: if no engine here knows the language asked for.
            CannotTranslate: if no engine here translates.
        """
        self.recognise.check(request.options)

    @property
    def recognise_speakers(self) -> RecogniseSpeakers:
        """The part that finds known people among the speakers."""
        return RecogniseSpeakers(self.decoder, self.diarizer, self.policy.limits)

    @property
    def tell_apart(self) -> TellSpeakersApart:
        """The part that tells speakers apart."""
        return TellSpeakersApart(self.diarizer, self.recognise_speakers)

    @property
    def recognise(self) -> RecogniseWords:
        """The part that recognises words."""
        return RecogniseWords(
            self.transcriber, self.language_detector, self.fallback, self.policy.chunk_duration
        )

    def _work(
        self,
        request: TranscriptionRequest,
        audio: DecodedAudio,
        speech: Sequence[Interval],
        references: Sequence[Reference],
        *,
        board: ProgressBoard,
        listener: WordListener | None,
    ) -> TranscriptionOutcome:
        recognise_words = replace(self.recognise, padding=request.padding)

        def recognise() -> Recognised:
            try:
                return recognise_words(request.options, audio.waveform, speech, board, listener)
            except (InputError, KeyboardInterrupt):
                board.cancel()  # nobody wants the speakers any more
                raise

        def diarize() -> ToldApart:
            return self.tell_apart(audio.waveform, request.hints, references, board)

        diarizing: Future[ToldApart] | None = None
        if request.diarize and self.policy.is_parallel:
            with ThreadPoolExecutor(1, thread_name_prefix="branch") as executor:
                diarizing = executor.submit(diarize)
                recognising = _ended(recognise)
        else:
            recognising = _ended(recognise)
            diarizing = _ended(diarize) if request.diarize else None
        if isinstance(refusal := recognising.exception(), InputError):
            raise refusal
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

    def _transcript(
        self,
        request: TranscriptionRequest,
        audio: DecodedAudio,
        recognised: Recognised | None,
        diarized: ToldApart | None,
        warnings: Sequence[str] = (),
    ) -> Transcript:
        found = recognised or Recognised((), None, self.transcriber.info)
        told = [*audio.warnings, *found.warnings, *warnings]
        if diarized is not None:
            told += diarized.warnings(request.hints, request.names)
        return assemble_transcript(
            found.words,
            diarized.diarization if diarized else None,
            language=found.language if found.words else None,
            duration=audio.waveform.duration,
            engine=found.info.engine,
            model=found.info.model,
            names=request.names,
            known=diarized.recognition.names if diarized else {},
            warnings=told,
        )


def _ended(work: Callable[[], _T]) -> Future[_T]:
    """Do work here and now; return how it ended."""
    future: Future[_T] = Future()
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
    return future


def _engine_error(future: Future[_T]) -> EngineError | None:
    """Wait for a branch and return the engine's error, if that is how it ended."""
    error = future.exception()
    return error if isinstance(error, EngineError) else None
