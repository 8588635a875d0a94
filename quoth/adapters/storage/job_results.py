"""What the steps of a job make, as bytes under names, whatever place keeps them."""

import io
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quoth.adapters.storage.voice_files import (
    references_from_bytes,
    references_to_bytes,
    voices_from_bytes,
    voices_to_bytes,
)
from quoth.domain.audio import SAMPLE_RATE, Interval
from quoth.domain.diarization import SpeakerEvidence
from quoth.domain.peaks import Peaks
from quoth.domain.references import KnownVoices, Reference
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import DecodedJob

SOURCE = "source"
SAMPLES = "audio.s16"
DECODED = "decoded.json"
WORDS = "words.json"
EVIDENCE = "evidence.npz"
REFERENCES = "references.npz"
KNOWN_VOICES = "known-voices.json"
TRANSCRIPT = "transcript.json"
PEAKS = "peaks.npy"
DISOWNED = ".disowned"
"""Lies beside a recording before its row is written, and from just before its row is removed."""
WORK = (SAMPLES, DECODED, WORDS, REFERENCES)
"""What nobody needs when the transcript is there."""

BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Codec:
    """How a transcript is written, and read again."""

    render: Callable[[Transcript], str]
    parse: Callable[[str], Transcript]


class JobResults(ABC):
    """The part of `JobFiles` that is the same in every place; a place keeps and reads bytes."""

    __slots__ = ()

    codec: Codec

    @abstractmethod
    def _keep(self, job_id: str, name: str, content: bytes, *, replaces: bool) -> bool:
        """Keep content whole or not at all; return False where another was there and stays."""

    @abstractmethod
    def _read(self, job_id: str, name: str) -> bytes | None:
        """Return what is kept under a name."""

    def keep_words(self, job_id: str, words: Transcript) -> bool:
        """Keep what was recognised; see the port."""
        return self._keep(job_id, WORDS, self.codec.render(words).encode(), replaces=False)

    def words(self, job_id: str) -> Transcript | None:
        """Return what was recognised."""
        return self._parsed(job_id, WORDS)

    def keep_evidence(self, job_id: str, evidence: SpeakerEvidence) -> bool:
        """Keep the evidence for speakers; see the port."""
        content = io.BytesIO()
        evidence.write(content)
        return self._keep(job_id, EVIDENCE, content.getvalue(), replaces=False)

    def evidence(self, job_id: str) -> SpeakerEvidence | None:
        """Return the evidence for speakers."""
        found = self._read(job_id, EVIDENCE)
        return None if found is None else SpeakerEvidence.from_bytes(found)

    def keep_references(self, job_id: str, references: Sequence[Reference]) -> None:
        """Keep what known people sound like; see the port."""
        self._keep(job_id, REFERENCES, references_to_bytes(references), replaces=True)

    def references(self, job_id: str) -> Sequence[Reference]:
        """Return the references; see the port."""
        found = self._read(job_id, REFERENCES)
        return () if found is None else references_from_bytes(found)

    def keep_known_voices(self, job_id: str, known: KnownVoices) -> bool:
        """Keep the voices of known people; see the port."""
        return self._keep(job_id, KNOWN_VOICES, voices_to_bytes(known), replaces=False)

    def known_voices(self, job_id: str) -> KnownVoices | None:
        """Return the voices of known people."""
        found = self._read(job_id, KNOWN_VOICES)
        return None if found is None else voices_from_bytes(found)

    def add_transcript(self, job_id: str, transcript: Transcript) -> bool:
        """Keep the machine's first transcript; see the port."""
        content = self.codec.render(transcript).encode()
        return self._keep(job_id, TRANSCRIPT, content, replaces=False)

    def keep_transcript(self, job_id: str, transcript: Transcript) -> None:
        """Keep the machine's transcript, in place of the one before."""
        content = self.codec.render(transcript).encode()
        self._keep(job_id, TRANSCRIPT, content, replaces=True)

    def transcript(self, job_id: str) -> Transcript | None:
        """Return the machine's transcript."""
        return self._parsed(job_id, TRANSCRIPT)

    def peaks(self, job_id: str) -> Peaks | None:
        """Return the outline of the waveform."""
        found = self._read(job_id, PEAKS)
        if found is None:
            return None
        return Peaks(SAMPLE_RATE, np.load(io.BytesIO(found), allow_pickle=False))

    def _keep_outline(self, job_id: str, decoded: DecodedJob, peaks: Peaks) -> None:
        """Keep all that decoding left but the samples, which have to be kept before."""
        outline = io.BytesIO()
        np.save(outline, peaks.values, allow_pickle=False)
        self._keep(job_id, PEAKS, outline.getvalue(), replaces=True)
        content = {
            "samples": decoded.waveform.sample_count,
            "speech": [[each.start, each.end] for each in decoded.speech],
            "warnings": list(decoded.warnings),
        }
        self._keep(job_id, DECODED, json.dumps(content).encode(), replaces=True)

    def _outline(self, job_id: str) -> "DecodedOutline | None":
        found = self._read(job_id, DECODED)
        if found is None:
            return None
        content = json.loads(found)
        return DecodedOutline(
            int(content["samples"]),
            tuple(Interval(start, end) for start, end in content["speech"]),
            tuple(content["warnings"]),
        )

    def _parsed(self, job_id: str, name: str) -> Transcript | None:
        found = self._read(job_id, name)
        return None if found is None else self.codec.parse(found.decode())


@dataclass(frozen=True, slots=True)
class DecodedOutline:
    """What decoding left beside the samples: their number, where speech is, what was odd."""

    sample_count: int
    speech: Sequence[Interval]
    warnings: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """Of the samples."""
        return self.sample_count * BYTES_PER_SAMPLE
