"""The `JobFiles` in a bucket: objects `ID/name`, and a folder here for what programs work on.

The mark `.disowned` is put before everything else of a job and taken away last, so that whatever
dies in between, nothing is left that nobody would look for.
"""

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from quoth.adapters.storage.bucket import Bucket
from quoth.adapters.storage.bucket_reading import open_object
from quoth.adapters.storage.job_files import ID
from quoth.adapters.storage.job_results import (
    DISOWNED,
    SAMPLES,
    SOURCE,
    WORK,
    Codec,
    JobResults,
)
from quoth.adapters.storage.scratch import sweep
from quoth.adapters.storage.whole_files import PART
from quoth.domain.audio import Waveform
from quoth.domain.errors import QuothError
from quoth.domain.job_errors import NothingKept
from quoth.domain.peaks import Peaks
from quoth.domain.store_errors import StoreUnavailable
from quoth.ports.jobs import DecodedJob
from quoth.ports.recordings import Recording

FORGOTTEN_SECONDS = 86_400.0
"""After so long without a change a scratch folder is of a job that went on elsewhere."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BucketJobFiles(JobResults):
    """Jobs as objects.

    Args:
        bucket: holds them.
        scratch: a folder here for samples and for copies of recordings, of this server alone.
        codec: of transcripts.
        read_samples: gives the waveform of a file of samples and their number.
        now: seconds since the epoch.
    """

    bucket: Bucket
    scratch: Path
    codec: Codec
    read_samples: Callable[[Path, int], Waveform]
    now: Callable[[], float] = time.time

    def recording(self, job_id: str) -> Recording | None:
        """Return the recording, if it is there."""
        path = _path(job_id, SOURCE)
        found = self.bucket.head(path)
        if found is None:
            return None
        opening = partial(open_object, self.bucket, path, found.size_bytes)
        return Recording(found.size_bytes, found.changed, opening)

    @contextmanager
    def local_source(self, job_id: str) -> Iterator[Path]:
        """Give a copy of the recording; see the port."""
        with self._part(job_id, SOURCE) as copy:
            if not self.bucket.download(_path(job_id, SOURCE), copy):
                raise NothingKept(job_id, "audio", "it is gone from the store")
            yield copy

    @contextmanager
    def adding(self, job_id: str) -> Iterator[Path]:
        """Give a path for a new recording; it is sent when the context ends."""
        try:
            self.bucket.put(_path(job_id, DISOWNED), b"")
            with self._part(job_id, SOURCE) as part:
                yield part
                self.bucket.put(_path(job_id, SOURCE), part)
        except BaseException:
            with suppress(QuothError):  # what is left of it is marked as nobody's
                self.remove(job_id)
            raise

    def own(self, job_id: str) -> None:
        """Note that a job has a row."""
        try:
            self.bucket.delete([_path(job_id, DISOWNED)])
        except (
            StoreUnavailable
        ) as error:  # the row is there, and what counts; the next start does it
            log.warning("job %s is taken in; its mark stays for now: %s", job_id, error)

    def disown(self, job_id: str) -> None:
        """Note that a job is to have no row any more; see the port."""
        self.bucket.put(_path(job_id, DISOWNED), b"")

    def is_disowned(self, job_id: str) -> bool:
        """Whether nobody wants what there is of a job without a row."""
        return self.bucket.head(_path(job_id, DISOWNED)) is not None

    def decoded_path(self, job_id: str, lease: int = 0) -> Path:
        """Return where to decode to; see the port."""
        sweep(self.scratch, self.now() - FORGOTTEN_SECONDS)
        return self._folder(job_id) / f".{SAMPLES}.{lease}{PART}"

    def keep_decoded(self, job_id: str, decoded: DecodedJob, peaks: Peaks, lease: int = 0) -> None:
        """Keep what decoding left; whoever goes on with the job elsewhere finds it."""
        here, part = self._folder(job_id) / SAMPLES, self.decoded_path(job_id, lease)
        if part.exists():  # else it was sent, and what came after was not
            self.bucket.put(_path(job_id, SAMPLES), part)
            part.rename(here)
        self._keep_outline(job_id, decoded, peaks)

    def decoded(self, job_id: str) -> DecodedJob | None:
        """Return what decoding left; its samples are copied here if they are not yet."""
        found = self._outline(job_id)
        if found is None:
            return None
        here = self._folder(job_id) / SAMPLES
        if not here.is_file() or here.stat().st_size < found.size_bytes:
            with self._part(job_id, SAMPLES) as copy:
                if not self.bucket.download(_path(job_id, SAMPLES), copy):
                    return None
                copy.rename(here)
        waveform = self.read_samples(here, found.sample_count)
        return DecodedJob(waveform, found.speech, found.warnings)

    def clear_work(self, job_id: str) -> None:
        """Remove what a finished job needs no more."""
        self.bucket.delete([_path(job_id, name) for name in WORK])
        self._clear_scratch(job_id)

    def remove_source(self, job_id: str) -> None:
        """Remove the recording."""
        self.bucket.delete([_path(job_id, SOURCE)])

    def remove(self, job_id: str) -> None:
        """Remove everything there is of a job."""
        self._clear_scratch(job_id)
        mark = _path(job_id, DISOWNED)
        self.bucket.delete([each.path for each in self.bucket.list(job_id) if each.path != mark])
        self.bucket.delete([mark])

    def ids(self) -> Sequence[str]:
        """Return the jobs of which anything is there."""
        return list(filter(ID.fullmatch, self.bucket.folders()))

    def _keep(self, job_id: str, name: str, content: bytes, *, replaces: bool) -> bool:
        if not replaces:
            return self.bucket.create(_path(job_id, name), content)
        self.bucket.put(_path(job_id, name), content)
        return True

    def _read(self, job_id: str, name: str) -> bytes | None:
        return self.bucket.get(_path(job_id, name))

    def _folder(self, job_id: str) -> Path:
        _path(job_id, "")
        folder = self.scratch / job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def _part(self, job_id: str, name: str) -> Iterator[Path]:
        part = self._folder(job_id) / f".{name}.{uuid4().hex}{PART}"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)
            with suppress(OSError):  # unless samples are in it
                part.parent.rmdir()

    def _clear_scratch(self, job_id: str) -> None:
        _path(job_id, "")
        shutil.rmtree(self.scratch / job_id, ignore_errors=True)


def _path(job_id: str, name: str) -> str:
    if not ID.fullmatch(job_id):
        raise ValueError(f"not the id of a job: {job_id!r}")
    return f"{job_id}/{name}"
