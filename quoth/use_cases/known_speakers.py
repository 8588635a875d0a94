"""Calling speakers by name: short references of known voices, compared with the voices found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from quoth.domain.audio import Waveform
from quoth.domain.diarization import Diarization, SpeakerHints
from quoth.domain.errors import AudioTooLong, InputError, InvalidParameter
from quoth.domain.known_speakers import Voice, recognise_voices
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


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A known voice: whose, and how it sounds."""

    name: str
    waveform: Waveform


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

    def __call__(
        self, references: Sequence[Reference], diarization: Diarization, progress: Progress
    ) -> Recognition:
        """Return who is who.

        Raises:
            EngineError: if the diarizer could not do it.
            Cancelled: if `progress` raised it.
        """
        voices: dict[str, Voice] = {}
        warnings: list[str] = []
        for reference in references:
            voice = next(self._voices(reference.waveform, progress), None)
            if voice is None:
                warnings.append(f"No voice was found in the reference of {reference.name!r}.")
            else:
                voices[reference.name] = voice
        names = recognise_voices(diarization.embeddings, voices)
        missing = [name for name in voices if name not in names.values()]
        warnings += [f"{name!r} was not recognised among the speakers." for name in missing]
        return Recognition(names, tuple(warnings))

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

    def _voices(self, waveform: Waveform, progress: Progress) -> Iterator[Voice]:
        evidence = self.diarizer.analyse(waveform, lambda _: progress(1.0))
        hints = SpeakerHints(exact=1)
        yield from self.diarizer.cluster(
            evidence, hints, lambda _: progress(1.0)
        ).embeddings.values()
