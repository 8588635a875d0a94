"""What comes in live: counted while it does, put on disk where its owner wants it kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from quoth.domain.audio import Samples
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.jobs import Job, JobOptions
from quoth.ports.live import LiveRecording, MakeRecording, MakeResampler, Resampler
from quoth.use_cases.manage_jobs import ManageJobs, NewRecording

COUNTED_SECONDS = 10.0
"""Counted at once, before they come in."""
SAMPLE_BYTES = 2
TRIES = 5
TRY_AGAIN_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Equipment:
    """What takes sound in.

    Args:
        make_resampler: for any sample rate.
        make_recording: on disk.
        manage: counts for quotas, and makes jobs.
        sleep: waits before another try.
    """

    make_resampler: MakeResampler
    make_recording: MakeRecording
    manage: ManageJobs
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Intake:
    """Takes the sound of one session in; calls block.

    Args:
        equipment: what with.
        owner: whose it is.
        folder: for the recording.
    """

    equipment: Equipment
    owner: str
    folder: Path
    seconds: float = 0.0
    _counted: float = 0.0
    _rate: int | None = None
    _resampler: Resampler | None = None
    _recording: LiveRecording | None = None
    _is_over: bool = field(default=False)

    @property
    def has_begun(self) -> bool:
        """Whether anything came in, after which its sample rate is what it is."""
        return self._rate is not None

    def take(self, pcm: bytes, rate: int, *, is_kept: bool) -> Samples:
        """Take samples of 16 bits in; return them at 16 kHz: float32, shape (n,).

        Raises:
            QuotaExceeded: if it is more than the owner's key may use; they are not taken then.
            OutOfDisk: if there is no room to keep them.
        """
        seconds = len(pcm) / SAMPLE_BYTES / rate
        while self._counted < self.seconds + seconds:
            size = int(COUNTED_SECONDS * rate * SAMPLE_BYTES)
            self.equipment.manage.quotas.charge(self.owner, COUNTED_SECONDS, size)
            self._counted += COUNTED_SECONDS
        if self._resampler is None:
            self._rate = rate
            self._resampler = self.equipment.make_resampler(rate)
        if is_kept:
            if self._recording is None:
                self._recording = self.equipment.make_recording(self.folder, rate)
            self._recording.write(pcm)
        self.seconds += seconds
        return self._resampler.feed(pcm)

    def rest(self) -> Samples | None:
        """Return the samples that the resampler still holds; None where nothing came in."""
        return None if self._resampler is None else self._resampler.flush()

    def keep(self, name: str, options: JobOptions) -> Job | None:
        """Make a job of what was kept; None where nothing was.

        Raises:
            QuothError: if there can be none; the recording is lost then.
        """
        if self._recording is None or self._is_over:
            return None
        self._is_over = True
        path = self._recording.finish()
        recording = NewRecording(name, self._recording.lend, path=path, is_admitted=True)
        for _ in range(TRIES):
            try:
                return self.equipment.manage.create(self.owner, options, recording)
            except DatabaseUnavailable:
                self.equipment.sleep(TRY_AGAIN_SECONDS)
        return self.equipment.manage.create(self.owner, options, recording)
