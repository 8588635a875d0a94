"""What comes in live: counted while it does, put on disk where its owner wants it kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from quoth.domain.audio import Samples
from quoth.domain.job_errors import DatabaseUnavailable
from quoth.domain.jobs import Job, JobOptions
from quoth.ports.live import (
    LiveRecording,
    LiveRecordings,
    MakeResampler,
    RecordingNote,
    Resampler,
)
from quoth.use_cases.manage_jobs import ManageJobs
from quoth.use_cases.rescue_recordings import make_job

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
        recordings: on disk.
        manage: counts for quotas, and makes jobs.
        sleep: waits before another try.
    """

    make_resampler: MakeResampler
    recordings: LiveRecordings
    manage: ManageJobs
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Intake:
    """Takes the sound of one session in; calls block.

    Args:
        equipment: what with.
        owner: whose it is.
    """

    equipment: Equipment
    owner: str
    seconds: float = 0.0
    _counted: float = 0.0
    _rate: int | None = None
    _resampler: Resampler | None = None
    _note: RecordingNote | None = None
    _recording: LiveRecording | None = None

    @property
    def has_begun(self) -> bool:
        """Whether anything came in, after which its sample rate is what it is."""
        return self._rate is not None

    def plan(self, name: str, options: JobOptions) -> None:
        """Keep what comes in, or what came, for a job: what it is called, and how it is done."""
        self._note = RecordingNote(self.owner, name, options)
        if self._recording is not None:
            self._recording.note(self._note)

    def forget(self) -> None:
        """Keep nothing, also of what came."""
        recording, self._recording, self._note = self._recording, None, None
        if recording is not None:
            recording.remove()

    def take(self, pcm: bytes, rate: int) -> Samples:
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
            self._resampler = self.equipment.make_resampler(rate)
            if self._note is not None:
                self._recording = self.equipment.recordings.begin(rate, self._note)
            self._rate = rate
        if self._recording is not None:
            self._recording.write(pcm)
        self.seconds += seconds
        return self._resampler.feed(pcm)

    def rest(self) -> Samples | None:
        """Return the samples that the resampler still holds; None where nothing came in."""
        return None if self._resampler is None else self._resampler.flush()

    def keep(self) -> Job | None:
        """Make a job of what was kept; None where nothing was.

        Raises:
            QuothError: if there can be none now; the recording waits for the next round of chores.
        """
        recording, self._recording = self._recording, None
        if recording is None or self._note is None:
            return None
        recording.finish()
        try:
            for _ in range(TRIES):
                try:
                    return make_job(self.equipment.manage, recording, self._note)
                except DatabaseUnavailable:
                    self.equipment.sleep(TRY_AGAIN_SECONDS)
            return make_job(self.equipment.manage, recording, self._note)
        finally:
            recording.leave()
