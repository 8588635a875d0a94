"""Transcribing recordings and saying how right, how fast and at what cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import add
from pathlib import Path
from typing import TypeAlias

from quoth.domain.diarization import SpeakerHints
from quoth.domain.transcript import Transcript
from quoth.evaluation import scoring
from quoth.evaluation.machine import Machine, commit, describe_machine, installed_versions
from quoth.evaluation.references import Reference, find_references
from quoth.evaluation.resources import Cost, CostMeter
from quoth.evaluation.scoring import ErrorRate

Transcribe: TypeAlias = Callable[[Path, SpeakerHints], Transcript]
"""Makes a transcript of a recording."""

COLLAR = 0.25
"""Seconds on each side of a border that the lenient DER forgives."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How right a transcript is; None where the reference does not say.

    Args:
        wer: words wrong, whoever said them; reference turns in order of start.
        der: seconds of speech with the wrong speakers, collar 0, overlap scored.
        der_with_collar: the same with 0.25 s on each side of a border forgiven.
        cpwer: words wrong or with the wrong speaker.
        tcpwer: the same, words more than 5 s off counted as wrong.
    """

    wer: ErrorRate | None = None
    der: ErrorRate | None = None
    der_with_collar: ErrorRate | None = None
    cpwer: ErrorRate | None = None
    tcpwer: ErrorRate | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """One recording measured.

    Args:
        name: of the recording.
        duration: seconds of audio.
        accuracy: against its reference.
        speakers_found: how many the transcript has.
        speakers_true: how many the reference has, None where it does not say.
        cost: of transcribing it.
        warnings: of the transcript.
    """

    name: str
    duration: float
    accuracy: Accuracy
    speakers_found: int
    speakers_true: int | None
    cost: Cost
    warnings: tuple[str, ...] = ()

    @property
    def rtfx(self) -> float:
        """Audio seconds per wall second; higher is better."""
        return self.duration / self.cost.wall_seconds if self.cost.wall_seconds else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """All recordings measured, on what, and when.

    Args:
        engine: what recognised the words.
        model: its weights by name.
        files: in order of name.
        machine: where.
        commit: of the source, None outside a checkout.
        versions: of the packages involved.
        date: UTC, ISO 8601, to the second.
    """

    engine: str
    model: str
    files: tuple[FileResult, ...]
    machine: Machine
    commit: str | None
    versions: dict[str, str] = field(default_factory=dict)
    date: str = ""

    @property
    def pooled(self) -> Accuracy:
        """All recordings as if they were one: errors of all over totals of all."""
        return Accuracy(
            *(
                _sum([getattr(one.accuracy, name) for one in self.files])
                for name in Accuracy.__dataclass_fields__
            )
        )


def measure(
    path: Path,
    transcribe: Transcribe,
    *,
    tells_speaker_count: bool = False,
) -> Report:
    """Transcribe a recording, or all in a folder that have references, and score them.

    Args:
        path: a recording or a folder of recordings.
        transcribe: makes the transcripts; loaded engines make the first file comparable.
        tells_speaker_count: whether the true number of speakers is given as a hint.

    Raises:
        InvalidParameter: if there is nothing to measure.
        NotInFormat: if a reference cannot be read.
        MissingTool: if the packages of `quoth[bench]` are not installed.
    """
    references = find_references(path)
    # Scored when all are transcribed: what the metrics load is not counted as memory of the engine.
    heard = [_transcribe(one, transcribe, tells_speaker_count) for one in references]
    results = [_result(*each) for each in zip(references, heard, strict=True)]
    first = heard[0].transcript
    return Report(
        engine=first.engine,
        model=first.model,
        files=tuple(results),
        machine=describe_machine(),
        commit=commit(),
        versions=installed_versions(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    transcript: Transcript
    cost: Cost


def _transcribe(
    reference: Reference,
    transcribe: Transcribe,
    tells_speaker_count: bool,  # noqa: FBT001 - private, and named where it is called
) -> _Heard:
    count = len(reference.speakers)
    hints = SpeakerHints(exact=count if tells_speaker_count and count else None)
    with CostMeter() as meter:
        transcript = transcribe(reference.audio, hints)
    return _Heard(transcript, meter.cost)


def _result(reference: Reference, heard: _Heard) -> FileResult:
    return FileResult(
        name=reference.name,
        duration=heard.transcript.duration,
        accuracy=score(reference, heard.transcript),
        speakers_found=len(heard.transcript.speakers),
        speakers_true=len(reference.speakers) or None,
        cost=heard.cost,
        warnings=heard.transcript.warnings,
    )


def score(reference: Reference, transcript: Transcript) -> Accuracy:
    """Compare a transcript with all the reference knows; speakers only if some were looked for."""
    normalise = scoring.normaliser(transcript.language)
    knows_who = reference.has_speaker_words and bool(transcript.speakers)
    return Accuracy(
        wer=scoring.word_errors(reference.text, transcript.text, normalise)
        if reference.utterances
        else None,
        der=_diarization_error(reference, transcript, 0.0),
        der_with_collar=_diarization_error(reference, transcript, COLLAR),
        cpwer=scoring.speaker_word_errors(reference, transcript, normalise) if knows_who else None,
        tcpwer=scoring.timed_speaker_word_errors(reference, transcript, normalise)
        if knows_who and reference.has_times
        else None,
    )


def _diarization_error(
    reference: Reference, transcript: Transcript, collar: float
) -> ErrorRate | None:
    was_diarized = bool(transcript.turns) or not transcript.segments
    if not reference.turns or not was_diarized:
        return None
    return scoring.diarization_error(reference.turns, transcript.turns, transcript.duration, collar)


def _sum(rates: Sequence[ErrorRate | None]) -> ErrorRate | None:
    known = [rate for rate in rates if rate is not None]
    return reduce(add, known) if known else None
