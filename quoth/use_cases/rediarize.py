"""Now with three speakers: the kept evidence clustered again, no audio read."""

from collections.abc import Sequence
from dataclasses import dataclass

from quoth.domain.assembly import assemble_transcript
from quoth.domain.diarization import SpeakerEvidence, SpeakerHints
from quoth.domain.transcript import Transcript
from quoth.ports.diarizer import Diarizer
from quoth.use_cases.known_speakers import NOBODY, KnownPeople
from quoth.use_cases.tell_apart import speaker_warnings


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
        people: KnownPeople = NOBODY,
    ) -> Transcript:
        """Return the same words with speakers that obey other hints.

        Args:
            transcript: has the words.
            evidence: for the speakers.
            hints: what is known about their number.
            names: of those who are not recognised, in order of first appearance.
            people: to look for among them.

        Raises:
            InvalidEvidence: if the evidence is not this diarizer's.
        """
        diarization = self.diarizer.cluster(evidence, hints)
        recognition = people.among(diarization, evidence.kind)
        told = speaker_warnings(diarization, hints, names)
        still_true = [each for each in transcript.warnings if "speakers" not in each.lower()]
        return assemble_transcript(
            transcript.words,
            diarization,
            language=transcript.language,
            duration=transcript.duration,
            engine=transcript.engine,
            model=transcript.model,
            names=names,
            known=recognition.names,
            warnings=[*dict.fromkeys([*still_true, *recognition.warnings, *told])],
        )
