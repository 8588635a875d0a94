"""What takes in sound that comes live."""

from collections.abc import Iterator
from pathlib import Path

from quoth.adapters.ffmpeg import microphone as microphones
from quoth.adapters.ffmpeg.resampling import SwResampler
from quoth.adapters.storage.live_recordings import WaveRecording
from quoth.api.realtime.sessions import LiveLimits
from quoth.config import Settings
from quoth.ports.live import LiveRecording, Resampler
from quoth.ports.uploads import Uploads
from quoth.use_cases.live_recording import Equipment
from quoth.use_cases.manage_jobs import ManageJobs


def live_limits(settings: Settings) -> LiveLimits:
    """Return what live sessions may cost."""
    return LiveLimits(
        settings.max_live_sessions,
        settings.max_live_sessions_per_key,
        settings.max_live_seconds,
        settings.live_idle_seconds,
    )


def live_equipment(manage: ManageJobs, uploads: Uploads) -> Equipment:
    """Return what takes the sound of live sessions in, where there is room beside uploads."""

    def make_recording(folder: Path, rate: int) -> LiveRecording:
        return WaveRecording(folder, rate, uploads.check_space)

    return Equipment(SwResampler, make_recording, manage)


def microphone(device: str | None) -> Iterator[bytes]:
    """Return the sound of a microphone: pieces of 16-bit mono samples at 16 kHz.

    Raises:
        MissingTool: if no program is there that hears one.
        NoMicrophone: while it is read, if it gives no sound.
    """
    return microphones.listen(microphones.command_for(device))


def resampler(rate: int) -> Resampler:
    """Return what turns samples at a rate into those of engines."""
    return SwResampler(rate)
