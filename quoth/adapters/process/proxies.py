"""The engine ports as the service sees them: each call goes over to the inference process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from quoth.adapters.process.engine import InferenceProcess
from quoth.domain.audio import Interval, Samples, Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.domain.transcript import Word
from quoth.domain.windowing import Window
from quoth.ports.diarizer import DiarizerInfo
from quoth.ports.language_detector import LanguageGuess
from quoth.ports.live import Hearing
from quoth.ports.progress import Progress, unobserved
from quoth.ports.speech_detector import USUAL_SPEECH, SpeechCriteria
from quoth.ports.streaming import StreamTask, StreamWords
from quoth.ports.transcriber import EngineInfo, WindowTask

MOST_WINDOWS = 256
"""Windows of one call: about an hour and a half of speech."""


def _part(progress: Progress, done: float, share: float) -> Progress:
    """Return what work that is a share of the whole reports to."""
    return lambda fraction: progress(min(1.0, done + share * fraction))


@dataclass(frozen=True, slots=True)
class ProcessTranscriber:
    """A `StreamingTranscriber` in the inference process, where the engine is one."""

    process: InferenceProcess
    component: str
    info: EngineInfo

    def transcribe(self, tasks: Sequence[WindowTask], progress: Progress) -> list[list[Word]]:
        """Recognise the words of each window; see the port.

        Some hundred windows cross at a time, so that ten hours of words are held here alone.
        """
        words: list[list[Word]] = []
        for first in range(0, len(tasks), MOST_WINDOWS):
            some = tuple(tasks[first : first + MOST_WINDOWS])
            share = len(some) / len(tasks)
            part = _part(progress, first / len(tasks), share)
            found = self.process.call(self.component, "transcribe", some, progress=part)
            words += cast("list[list[Word]]", found)
        return words

    def advance(self, tasks: Sequence[StreamTask], progress: Progress) -> list[StreamWords]:
        """Recognise what came in of each stream; see the port.

        What the engine has to remember crosses with the sound: nothing is lost with the process.
        """
        found = self.process.call(self.component, "advance", tuple(tasks), progress=progress)
        return cast("list[StreamWords]", found)


@dataclass(frozen=True, slots=True)
class ProcessLanguageDetector:
    """A `LanguageDetector` in the inference process."""

    process: InferenceProcess
    component: str

    def detect_language(
        self,
        waveform: Waveform,
        windows: Sequence[Window],
        progress: Progress,
        candidates: Sequence[str] = (),
    ) -> LanguageGuess | None:
        """Return the language most of the windows are in; see the port."""
        found = self.process.call(
            self.component,
            "detect_language",
            waveform,
            tuple(windows),
            progress=progress,
            candidates=tuple(candidates),
        )
        return cast("LanguageGuess | None", found)


@dataclass(frozen=True, slots=True)
class ProcessSpeechDetector:
    """A `SpeechDetector` in the inference process."""

    process: InferenceProcess
    component: str

    def detect_speech(
        self, waveform: Waveform, progress: Progress, criteria: SpeechCriteria = USUAL_SPEECH
    ) -> list[Interval]:
        """Return the stretches with speech; see the port."""
        found = self.process.call(
            self.component, "detect_speech", waveform, progress=progress, criteria=criteria
        )
        return cast("list[Interval]", found)


@dataclass(frozen=True, slots=True)
class ProcessSpeechMeter:
    """A `SpeechMeter` in the inference process."""

    process: InferenceProcess
    component: str

    def listen(
        self, samples: Samples, hearing: Hearing | None = None
    ) -> tuple[list[float], Hearing]:
        """Return the probability of each frame; see the port."""
        found = self.process.call(self.component, "listen", samples, hearing)
        return cast("tuple[list[float], Hearing]", found)


@dataclass(frozen=True, slots=True)
class ProcessDiarizer:
    """A `Diarizer` in the inference process."""

    process: InferenceProcess
    component: str
    info: DiarizerInfo

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:
        """Listen to the audio once; see the port."""
        found = self.process.call(self.component, "analyse", waveform, progress=progress)
        return cast("SpeakerEvidence", found)

    def cluster(
        self, evidence: SpeakerEvidence, hints: SpeakerHints, progress: Progress = unobserved
    ) -> Diarization:
        """Decide whose voice is whose; see the port."""
        return cast(
            "Diarization",
            self.process.call(self.component, "cluster", evidence, hints, progress=progress),
        )
