"""Calling speakers by name: short references of known voices, compared with the voices found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from quoth.domain.audio import Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.domain.errors import AudioTooLong, InputError, InvalidParameter
from quoth.domain.known_speakers import Voice, recognise_voices
from quoth.domain.references import KnownVoices, Reference
from quoth.ports.audio_decoder import AudioDecoder, DecodeLimits
from quoth.ports.diarizer import Diarizer
from quoth.ports.progress import Progress
from quoth.use_cases.requests import KnownSpeaker

PARAMETER = "known_speaker_references"
SHORTEST, LONGEST = 2.0, 10.0
"""Seconds of a reference, as OpenAI's contract has it."""
_TOLERANCE = 0.1
"""Seconds by which a codec's padding may miss them."""
_DECODING_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Recognition:
    """Names of speakers by the diarizer's id, and what the caller should know about the others."""

    names: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecogniseSpeakers:
    """Finds known people among the speakers of a recording.

    Args:
        decoder: reads references, too.
        diarizer: whose voices are compared; it makes those of the references.
        limits: what decoding may cost.
    """

    decoder: AudioDecoder
    diarizer: Diarizer
    limits: DecodeLimits

    def read(
        self, known: Sequence[KnownSpeaker], workspace: Path, progress: Progress
    ) -> list[Reference]:
        """Decode the references.

        Raises:
            InvalidParameter: if one cannot be decoded, or is too short or too long.
            Cancelled: if `progress` raised it.
        """
        references = []
        for number, each in enumerate(known, start=1):
            waveform = self._decoded(each, workspace / f"reference-{number}.s16", progress)
            references.append(Reference(each.name, waveform))
        return references

    def hear(self, references: Sequence[Reference], progress: Progress) -> KnownVoices:
        """Return the voices of references, as the diarizer hears them.

        Raises:
            EngineError: if the diarizer could not do it.
            Cancelled: if `progress` raised it.
        """
        kind, voices = "", {}
        for reference in references:
            evidence = self.diarizer.analyse(reference.waveform, lambda _: progress(1.0))
            kind = evidence.kind
            voices[reference.name] = self._voice(evidence, progress)
        return KnownVoices(kind, voices)

    def _decoded(self, known: KnownSpeaker, target: Path, progress: Progress) -> Waveform:
        limits = replace(
            self.limits,
            max_audio_seconds=LONGEST + _TOLERANCE,
            max_wall_seconds=min(self.limits.max_wall_seconds, _DECODING_SECONDS),
        )
        try:
            waveform = self.decoder.decode(known.reference, target, limits, progress).waveform
        except AudioTooLong:
            problem = f"of {known.name!r} is longer than {LONGEST:g} s"
            raise InvalidParameter(PARAMETER, problem) from None
        except InputError as error:
            raise InvalidParameter(PARAMETER, f"of {known.name!r} is no use: {error}") from error
        if waveform.duration < SHORTEST - _TOLERANCE:
            raise InvalidParameter(PARAMETER, f"of {known.name!r} is shorter than {SHORTEST:g} s")
        return waveform

    def _voice(self, evidence: SpeakerEvidence, progress: Progress) -> Voice | None:
        alone = SpeakerHints(exact=1)
        found = self.diarizer.cluster(evidence, alone, lambda _: progress(1.0))
        return next(iter(found.embeddings.values()), None)


def recognise(known: KnownVoices, diarization: Diarization) -> Recognition:
    """Return who of the known people is who of the speakers."""
    voices = {name: voice for name, voice in known.voices.items() if voice is not None}
    names = recognise_voices(diarization.embeddings, voices)
    warnings = [
        f"No voice was found in the reference of {name!r}."
        for name in known.voices
        if name not in voices
    ]
    missing = [name for name in voices if name not in names.values()]
    warnings += [f"{name!r} was not recognised among the speakers." for name in missing]
    return Recognition(names, tuple(warnings))


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """People to look for by what is kept of their voices.

    Args:
        names: of all of them.
        voices: by name; None where none are kept.
    """

    names: tuple[str, ...] = ()
    voices: KnownVoices | None = None

    def among(self, diarization: Diarization, kind: str) -> Recognition:
        """Return who is who of the speakers.

        Args:
            diarization: the speakers.
            kind: of the evidence for them; voices of another kind cannot be compared.
        """
        if not self.names:
            return Recognition()
        if self.voices is not None and self.voices.kind == kind:
            return recognise(self.voices, diarization)
        why = "another diarizer heard them" if self.voices else "they are not kept"
        names = ", ".join(map(repr, self.names))
        told = f"{names} could not be looked for among the speakers by their voices: {why}."
        return Recognition(warnings=(told,))


NOBODY = KnownPeople()
