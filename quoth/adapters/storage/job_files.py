"""The `JobFiles` as folders: `QUOTH_DATA/jobs/ID/`.

The recording and the transcript are on disk to stay, names included. What is made on the way there
is on disk, too, but nobody waits for its names: a power cut may take them back, and it is made
again. The name of the transcript settles all others in its folder.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from quoth.adapters.storage.job_results import (
    DISOWNED,
    PEAKS,
    SAMPLES,
    SOURCE,
    TRANSCRIPT,
    WORK,
    Codec,
    JobResults,
)
from quoth.adapters.storage.whole_files import PART, adding, part_of, settle, writing
from quoth.domain.audio import Waveform
from quoth.domain.job_errors import NothingKept
from quoth.domain.peaks import Peaks
from quoth.ports.jobs import DecodedJob
from quoth.ports.recordings import Recording

ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class FolderJobFiles(JobResults):
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

    def recording(self, job_id: str) -> Recording | None:
        """Return the recording, if it is there."""
        path = self.source(job_id)
        with suppress(FileNotFoundError):
            about = path.stat()
            return Recording(about.st_size, about.st_mtime, lambda: path.open("rb"))
        return None

    @contextmanager
    def local_source(self, job_id: str) -> Iterator[Path]:
        """Give the recording as a file; see the port."""
        path = self.source(job_id)
        if not path.is_file():
            raise NothingKept(job_id, "audio", "it is gone from the data folder")
        yield path

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
        part = self.decoded_path(job_id, lease)
        settle(part)  # what says that they are there comes after them
        part.rename(self._path(job_id) / SAMPLES)
        self._keep_outline(job_id, decoded, peaks)

    def decoded(self, job_id: str) -> DecodedJob | None:
        """Return what decoding left; None if it did not get so far, or is done with."""
        found, samples = self._outline(job_id), self._path(job_id) / SAMPLES
        if found is None or not samples.is_file() or not (self._path(job_id) / PEAKS).is_file():
            return None
        if samples.stat().st_size < found.size_bytes:
            return None  # whoever decoded it once more did not get so far
        waveform = self.read_samples(samples, found.sample_count)
        return DecodedJob(waveform, found.speech, found.warnings)

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
        return [path.name for path in self.root.iterdir() if ID.fullmatch(path.name)]

    def _path(self, job_id: str) -> Path:
        if not ID.fullmatch(job_id):
            raise ValueError(f"not the id of a job: {job_id!r}")
        return self.root / job_id

    def _keep(self, job_id: str, name: str, content: bytes, *, replaces: bool) -> bool:
        is_last = name == TRANSCRIPT
        path = self.folder(job_id) / name
        try:
            keeping = writing if replaces else adding
            with keeping(path, is_name_settled=is_last) as file:
                file.write(content)
        except FileExistsError:
            return False
        return True

    def _read(self, job_id: str, name: str) -> bytes | None:
        try:
            return (self._path(job_id) / name).read_bytes()
        except FileNotFoundError:
            return None
