"""What takes in sound that comes live."""

from pathlib import Path

from quoth.adapters.ffmpeg.resampling import SwResampler
from quoth.adapters.storage.live_recordings import WaveRecording
from quoth.api.realtime.sessions import LiveLimits
from quoth.config import Settings
from quoth.ports.live import LiveRecording
from quoth.ports.uploads import Uploads
from quoth.use_cases.live_recording import Equipment
from quoth.use_cases.manage_jobs import ManageJobs


def live_limits(settings: Settings) -> LiveLimits:
    """Return what live sessions may cost."""
    return LiveLimits(
        settings.max_live_sessions, settings.max_live_seconds, settings.live_idle_seconds
    )


def live_equipment(manage: ManageJobs, uploads: Uploads) -> Equipment:
    """Return what takes the sound of live sessions in, where there is room beside uploads."""

    def make_recording(folder: Path, rate: int) -> LiveRecording:
        return WaveRecording(folder, rate, uploads.check_space)

    return Equipment(SwResampler, make_recording, manage)
