"""The files of jobs for who works on one: while the store is away, work waits and loses nothing.

Steps are long. One that fails because its last line could not be kept would have to be done again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from quoth.domain.diarization import SpeakerEvidence
from quoth.domain.peaks import Peaks
from quoth.domain.references import KnownVoices, Reference
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import DecodedJob, JobFiles
from quoth.use_cases.patience import patiently

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PatientFiles:
    """The part of `JobFiles` that steps use; each method tries again until it has its answer.

    Args:
        files: the store.
        check: called meanwhile; raises if nobody wants the work any more.
    """

    files: JobFiles
    check: Callable[[], None]

    @contextmanager
    def local_source(self, job_id: str) -> Iterator[Path]:
        """Give the recording as a file on this machine."""
        with ExitStack() as stack:
            yield self._tried(lambda: stack.enter_context(self.files.local_source(job_id)))

    def keep_decoded(self, job_id: str, decoded: DecodedJob, peaks: Peaks, lease: int) -> None:
        """Keep what decoding left."""
        self._tried(lambda: self.files.keep_decoded(job_id, decoded, peaks, lease))

    def decoded(self, job_id: str) -> DecodedJob | None:
        """Return what decoding left."""
        return self._tried(lambda: self.files.decoded(job_id))

    def keep_words(self, job_id: str, words: Transcript) -> bool:
        """Keep what was recognised, if nothing is yet."""
        return self._tried(lambda: self.files.keep_words(job_id, words))

    def words(self, job_id: str) -> Transcript | None:
        """Return what was recognised."""
        return self._tried(lambda: self.files.words(job_id))

    def keep_evidence(self, job_id: str, evidence: SpeakerEvidence) -> bool:
        """Keep the evidence for speakers, if none is yet."""
        return self._tried(lambda: self.files.keep_evidence(job_id, evidence))

    def evidence(self, job_id: str) -> SpeakerEvidence | None:
        """Return the evidence for speakers."""
        return self._tried(lambda: self.files.evidence(job_id))

    def references(self, job_id: str) -> Sequence[Reference]:
        """Return the references of known people."""
        return self._tried(lambda: self.files.references(job_id))

    def keep_known_voices(self, job_id: str, known: KnownVoices) -> bool:
        """Keep the voices of known people, if none are yet."""
        return self._tried(lambda: self.files.keep_known_voices(job_id, known))

    def known_voices(self, job_id: str) -> KnownVoices | None:
        """Return the voices of known people."""
        return self._tried(lambda: self.files.known_voices(job_id))

    def add_transcript(self, job_id: str, transcript: Transcript) -> bool:
        """Keep the machine's transcript, if none is yet."""
        return self._tried(lambda: self.files.add_transcript(job_id, transcript))

    def keep_transcript(self, job_id: str, transcript: Transcript) -> None:
        """Keep the machine's transcript, in place of the one before."""
        self._tried(lambda: self.files.keep_transcript(job_id, transcript))

    def transcript(self, job_id: str) -> Transcript | None:
        """Return the machine's transcript."""
        return self._tried(lambda: self.files.transcript(job_id))

    def clear_work(self, job_id: str) -> None:
        """Remove what a finished job needs no more."""
        self._tried(lambda: self.files.clear_work(job_id))

    def remove(self, job_id: str) -> None:
        """Remove everything there is of a job."""
        self._tried(lambda: self.files.remove(job_id))

    def _tried(self, work: Callable[[], _T]) -> _T:
        return patiently(work, self.check)
