"""The speakers of a recording: what is heard of them, whose voice is whose, and who is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quoth.domain.audio import Waveform
from quoth.domain.diarization import Diarization, SpeakerEvidence, SpeakerHints
from quoth.domain.progress import Stage
from quoth.domain.references import KnownVoices, Reference
from quoth.ports.diarizer import Diarizer
from quoth.use_cases.known_speakers import RecogniseSpeakers, Recognition, recognise
from quoth.use_cases.observing import ProgressBoard

ANALYSIS_SHARE = 0.97
"""Part of the diarization stage that listening takes; the rest is clustering."""


@dataclass(frozen=True, slots=True, eq=False)
class ToldApart:
    """The evidence for speakers, when each of them speaks, and who of them is known."""

    evidence: SpeakerEvidence
    diarization: Diarization
    recognition: Recognition

    def warnings(self, hints: SpeakerHints, names: Sequence[str]) -> Iterator[str]:
        """Say what the reader should know of the speakers."""
        yield from self.recognition.warnings
        yield from speaker_warnings(self.diarization, hints, names)


@dataclass(frozen=True, slots=True)
class TellSpeakersApart:
    """Tells the speakers of a recording apart.

    All methods raise EngineError if the diarizer could not do it, and Cancelled if the board's
    observer raised it.

    Args:
        diarizer: hears them.
        recognise_speakers: knows some of them.
    """

    diarizer: Diarizer
    recognise_speakers: RecogniseSpeakers

    def __call__(
        self,
        waveform: Waveform,
        hints: SpeakerHints,
        references: Sequence[Reference],
        board: ProgressBoard,
    ) -> ToldApart:
        """Return who speaks when, and who of the known people they are."""
        evidence = self.listen(waveform, board)
        diarization = self.cluster(evidence, hints, board)
        recognition = recognise(self.hear_known(references, board), diarization)
        board.advance(Stage.DIARIZE, 1.0)
        return ToldApart(evidence, diarization, recognition)

    def listen(self, waveform: Waveform, board: ProgressBoard) -> SpeakerEvidence:
        """Return what tells speakers apart; whose voice is whose is decided later."""
        return self.diarizer.analyse(waveform, board.progress(Stage.DIARIZE, 0.0, ANALYSIS_SHARE))

    def cluster(
        self, evidence: SpeakerEvidence, hints: SpeakerHints, board: ProgressBoard
    ) -> Diarization:
        """Return whose voice is whose."""
        progress = board.progress(Stage.DIARIZE, ANALYSIS_SHARE, 1.0)
        return self.diarizer.cluster(evidence, hints, progress)

    def hear_known(self, references: Sequence[Reference], board: ProgressBoard) -> KnownVoices:
        """Return the voices of references; known by them, people are called by name."""
        return self.recognise_speakers.hear(
            references, lambda _: board.advance(Stage.DIARIZE, ANALYSIS_SHARE)
        )


def speaker_warnings(
    diarization: Diarization, hints: SpeakerHints, names: Sequence[str]
) -> Iterator[str]:
    """Say where what was found differs from what was hinted at."""
    count = len(diarization.speakers)
    if count < hints.fewest and (hints.exact or hints.minimum):
        yield f"{hints.fewest} speakers were asked for, but there is evidence for only {count}."
    if len(names) > count:
        yield f"{len(names)} names were given, but only {count} speakers were found."
