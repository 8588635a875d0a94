"""Engines that are elsewhere: what they are is known, and nothing here calls them."""

from collections.abc import Sequence
from dataclasses import dataclass

from quoth.domain.audio import Interval, Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.domain.job_errors import NoWorker
from quoth.domain.transcript import Word
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.progress import Progress, unobserved
from quoth.ports.speech_detector import USUAL_SPEECH, SpeechCriteria
from quoth.ports.transcriber import EngineInfo, WindowTask


@dataclass(frozen=True, slots=True)
class AbsentTranscriber:
    """A transcriber that is elsewhere."""

    info: EngineInfo

    def transcribe(
        self,
        tasks: Sequence[WindowTask],  # noqa: ARG002 - the port's signature
        progress: Progress,  # noqa: ARG002
    ) -> list[list[Word]]:
        """Refuse."""
        raise NoWorker


class AbsentSpeechDetector:
    """A speech detector that is elsewhere."""

    def detect_speech(
        self,
        waveform: Waveform,  # noqa: ARG002 - the port's signature
        progress: Progress,  # noqa: ARG002
        criteria: SpeechCriteria = USUAL_SPEECH,  # noqa: ARG002
    ) -> list[Interval]:
        """Refuse."""
        raise NoWorker


@dataclass(frozen=True, slots=True)
class AbsentDiarizer:
    """A diarizer that is elsewhere."""

    info: DiarizerInfo

    def analyse(
        self,
        waveform: Waveform,  # noqa: ARG002 - the port's signature
        progress: Progress,  # noqa: ARG002
    ) -> SpeakerEvidence:
        """Refuse."""
        raise NoWorker

    def cluster(
        self,
        evidence: SpeakerEvidence,  # noqa: ARG002 - the port's signature
        hints: SpeakerHints,  # noqa: ARG002
        progress: Progress = unobserved,  # noqa: ARG002
    ) -> Diarization:
        """Refuse."""
        raise NoWorker
