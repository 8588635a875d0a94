"""What is asked of the main use case and what it gives."""

from dataclasses import dataclass
from pathlib import Path

from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.errors import EngineError
from quoth.domain.jobs import Job, JobOptions
from quoth.domain.transcript import Transcript
from quoth.ports.speech_detector import USUAL_SPEECH, SpeechCriteria
from quoth.ports.transcriber import TranscriptionOptions


@dataclass(frozen=True, slots=True)
class KnownSpeaker:
    """Somebody whose voice is known: a name, and a file of 2 to 10 s of it."""

    name: str
    reference: Path


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """What a caller asks for.

    Args:
        source: the recording, any container and codec the decoder reads.
        options: how to recognise; without a language it is detected.
        diarize: whether to tell speakers apart.
        hints: what is known about their number.
        names: of the speakers, in order of first appearance.
        known: people to look for among the speakers, with different names.
        speech: what to take for speech.
        padding: seconds of sound to keep before and after speech, None for what is usual.
    """

    source: Path
    options: TranscriptionOptions = TranscriptionOptions()
    diarize: bool = True
    hints: SpeakerHints = SpeakerHints()
    names: tuple[str, ...] = ()
    known: tuple[KnownSpeaker, ...] = ()
    speech: SpeechCriteria = USUAL_SPEECH
    padding: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TranscriptionOutcome:
    """The transcript, and the evidence that lets speakers be told apart again without the audio."""

    transcript: Transcript
    evidence: SpeakerEvidence | None = None


class RecognitionFailed(EngineError):
    """Raised when the words could not be had, although something else could.

    `partial` is the outcome without words: who spoke when, and the evidence for it.
    """

    def __init__(self, cause: EngineError, partial: TranscriptionOutcome) -> None:
        self.partial = partial
        super().__init__(str(cause))


def recognition_of(options: JobOptions) -> TranscriptionOptions:
    """Return what a job asks of the engine."""
    return TranscriptionOptions(
        language=options.language,
        prompt=options.prompt,
        temperature=options.temperature,
        candidates=options.candidates,
        keywords=options.keywords,
        is_translated=options.is_translated,
    )


def request_of(job: Job, source: Path) -> TranscriptionRequest:
    """Return what a job asks of the main use case."""
    options = job.options
    return TranscriptionRequest(
        source,
        recognition_of(options),
        diarize=options.diarize,
        hints=options.hints,
        names=options.names,
    )
