"""Now with three speakers: the kept evidence clustered again, no audio read."""

from collections.abc import Sequence
from dataclasses import dataclass

from quoth.domain.assembly import assemble_transcript
from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.transcript import Transcript
from quoth.ports.diarizer import Diarizer
from quoth.use_cases.transcribe import speaker_warnings


@dataclass(frozen=True, slots=True)
class Rediarize:
    """Tells the speakers of a finished transcript apart anew."""

    diarizer: Diarizer

    def __call__(
        self,
        transcript: Transcript,
        evidence: SpeakerEvidence,
        hints: SpeakerHints,
        names: Sequence[str] = (),
    ) -> Transcript:
        """Return the same words with speakers that obey other hints.

        Raises:
            InvalidEvidence: if the evidence is not this diarizer's.
        """
        diarization = self.diarizer.cluster(evidence, hints)
        still_true = [told for told in transcript.warnings if "speakers" not in told.lower()]
        return assemble_transcript(
            transcript.words,
            diarization,
            language=transcript.language,
            duration=transcript.duration,
            engine=transcript.engine,
            model=transcript.model,
            names=names,
            warnings=[*still_true, *speaker_warnings(diarization, hints, names)],
        )
