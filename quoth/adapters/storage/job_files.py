"""The `JobFiles` as folders: `QUOTH_DATA/jobs/ID/`.

The recording and the transcript are on disk to stay, names included. What is made on the way there
is on disk, too, but nobody waits for its names: a power cut may take them back, and it is made
again. The name of the transcript settles all others in its folder.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quoth.adapters.storage.whole_files import PART, adding, part_of, settle, writing
from quoth.domain.audio import Interval, Waveform
from quoth.domain.diarization import SpeakerEvidence
from quoth.domain.peaks import Peaks
from quoth.domain.transcript import Transcript
from quoth.ports.jobs import DecodedJob

SOURCE = "source"
SAMPLES = "audio.s16"
DECODED = "decoded.json"
WORDS = "words.json"
EVIDENCE = "evidence.npz"
TRANSCRIPT = "transcript.json"
PEAKS = "peaks.npy"
DISOWNED = ".disowned"
"""Lies in a folder before its row is written, and from just before its row is removed."""
WORK = (SAMPLES, DECODED, WORDS)
"""What nobody needs when the transcript is there."""

BYTES_PER_SAMPLE = 2

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Codec:
    """How a transcript is written, and read again."""

    render: Callable[[Transcript], str]
    parse: Callable[[str], Transcript]


@dataclass(frozen=True, slots=True)
class FolderJobFiles:
    """Jobs as folders.

    Args:
        root: holds a folder for each job.
        codec: of transcripts.
        read_samples: gives the waveform of a file of samples and their number.
    """

    root: Path
    codec: Codec
    read_samples: Callable[[Path, int], Waveform]

    def folder(self, job_id: str) -> Path:
        """Return the folder of a job, made if need be."""
        folder = self._path(job_id)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def source(self, job_id: str) -> Path:
        """Return where the recording lies."""
        return self._path(job_id) / SOURCE

    @contextmanager
    def adding(self, job_id: str) -> Iterator[Path]:
        """Give a path for a new recording; see the port."""
        try:
            (self.folder(job_id) / DISOWNED).touch()
            with part_of(self.source(job_id)) as part:
                yield part
            settle(self.root)
        except BaseException:
            self.remove(job_id)
            raise

    def own(self, job_id: str) -> None:
        """Note that a folder has a row."""
        (self._path(job_id) / DISOWNED).unlink(missing_ok=True)

    def disown(self, job_id: str) -> None:
        """Note that a folder is to have no row any more; see the port."""
        with suppress(FileNotFoundError):
            (self._path(job_id) / DISOWNED).touch()
            settle(self._path(job_id))

    def is_disowned(self, job_id: str) -> bool:
        """Whether a folder without a row is one that nobody wants."""
        return (self._path(job_id) / DISOWNED).exists()

    def decoded_path(self, job_id: str, lease: int = 0) -> Path:
        """Return where to decode to; see the port."""
        return self.folder(job_id) / f".{SAMPLES}.{lease}{PART}"

    def keep_decoded(self, job_id: str, decoded: DecodedJob, peaks: Peaks, lease: int = 0) -> None:
        """Keep what decoding left; see the port."""
        content = {
            "samples": decoded.waveform.sample_count,
            "speech": [[each.start, each.end] for each in decoded.speech],
            "warnings": list(decoded.warnings),
        }
        part = self.decoded_path(job_id, lease)
        settle(part)  # what says that they are there comes after them
        part.rename(self._path(job_id) / SAMPLES)
        with writing(self.folder(job_id) / PEAKS, is_name_settled=False) as file:
            np.save(file, peaks.values, allow_pickle=False)
        self._write(job_id, DECODED, json.dumps(content))

    def decoded(self, job_id: str) -> DecodedJob | None:
        """Return what decoding left; None if it did not get so far, or is done with."""
        found, samples = self._read(job_id, DECODED), self._path(job_id) / SAMPLES
        if found is None or not samples.is_file() or not (self._path(job_id) / PEAKS).is_file():
            return None
        content = json.loads(found)
        count = int(content["samples"])
        if samples.stat().st_size < count * BYTES_PER_SAMPLE:
            return None  # whoever decoded it once more did not get so far
        return DecodedJob(
            self.read_samples(samples, count),
            tuple(Interval(start, end) for start, end in content["speech"]),
            tuple(content["warnings"]),
        )

    def keep_words(self, job_id: str, words: Transcript) -> None:
        """Keep what was recognised."""
        self._write(job_id, WORDS, self.codec.render(words))

    def words(self, job_id: str) -> Transcript | None:
        """Return what was recognised."""
        found = self._read(job_id, WORDS)
        return None if found is None else self.codec.parse(found)

    def keep_evidence(self, job_id: str, evidence: SpeakerEvidence) -> None:
        """Keep the evidence for speakers."""
        with writing(self.folder(job_id) / EVIDENCE, is_name_settled=False) as file:
            evidence.write(file)

    def evidence(self, job_id: str) -> SpeakerEvidence | None:
        """Return the evidence for speakers."""
        path = self._path(job_id) / EVIDENCE
        return SpeakerEvidence.from_bytes(path.read_bytes()) if path.is_file() else None

    def keep_transcript(self, job_id: str, transcript: Transcript) -> None:
        """Keep the machine's transcript."""
        self._write(job_id, TRANSCRIPT, self.codec.render(transcript))

    def add_transcript(self, job_id: str, transcript: Transcript) -> bool:
        """Keep the machine's first transcript; see the port."""
        try:
            with adding(self.folder(job_id) / TRANSCRIPT) as file:
                file.write(self.codec.render(transcript).encode())
        except FileExistsError:
            return False
        return True

    def transcript(self, job_id: str) -> Transcript | None:
        """Return the machine's transcript."""
        found = self._read(job_id, TRANSCRIPT)
        return None if found is None else self.codec.parse(found)

    def peaks(self, job_id: str) -> Peaks | None:
        """Return the outline of the waveform."""
        path = self._path(job_id) / PEAKS
        return Peaks(16_000, np.load(path, allow_pickle=False)) if path.is_file() else None

    def clear_work(self, job_id: str) -> None:
        """Remove what a finished job needs no more."""
        for name in WORK:
            (self._path(job_id) / name).unlink(missing_ok=True)
        for part in self._path(job_id).glob(f".{SAMPLES}.*{PART}"):
            part.unlink(missing_ok=True)  # of a lease that was lost

    def remove_source(self, job_id: str) -> None:
        """Remove the recording."""
        self.source(job_id).unlink(missing_ok=True)

    def remove(self, job_id: str) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self._path(job_id), ignore_errors=True)

    def ids(self) -> Sequence[str]:
        """Return the jobs that have a folder."""
        if not self.root.is_dir():
            return []
        return [path.name for path in self.root.iterdir() if _ID.fullmatch(path.name)]

    def _path(self, job_id: str) -> Path:
        if not _ID.fullmatch(job_id):
            raise ValueError(f"not the id of a job: {job_id!r}")
        return self.root / job_id

    def _write(self, job_id: str, name: str, content: str) -> None:
        is_last = name == TRANSCRIPT
        with writing(self.folder(job_id) / name, is_name_settled=is_last) as file:
            file.write(content.encode())

    def _read(self, job_id: str, name: str) -> str | None:
        try:
            return (self._path(job_id) / name).read_text("utf-8")
        except FileNotFoundError:
            return None
