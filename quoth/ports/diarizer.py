"""Finding who speaks when, in two steps: what is heard, then whose voice it is."""

from dataclasses import dataclass
from typing import Protocol

from quoth.domain.audio import Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.ports.progress import Progress, unobserved


@dataclass(frozen=True, slots=True)
class DiarizerInfo:
    """What a diarizer is: the name a user picks, its weights by name, and where it computes."""

    diarizer: str
    model: str
    device: str


class Diarizer(Protocol):
    """Finds who speaks when."""

    @property
    def info(self) -> DiarizerInfo:
        """What it is."""

    def analyse(self, waveform: Waveform, progress: Progress) -> SpeakerEvidence:
        """Listen to the audio once and keep what clustering needs.

        Raises:
            Cancelled: if `progress` raised it.
            EngineFailed: if a model could not do it.
        """

    def cluster(
        self, evidence: SpeakerEvidence, hints: SpeakerHints, progress: Progress = unobserved
    ) -> Diarization:
        """Decide whose voice is whose; about a second for an hour of audio.

        An exact number of speakers is obeyed, as are bounds, unless there is evidence for fewer
        voices than asked for: then as many as there are.

        Raises:
            Cancelled: if `progress` raised it.
            InvalidEvidence: if another kind of diarizer made the evidence.
        """
