"""What takes in sound that comes live."""

from collections.abc import Callable, Iterator
from pathlib import Path

from quoth.adapters.ffmpeg import microphone as microphones
from quoth.adapters.ffmpeg.resampling import SwResampler
from quoth.adapters.storage.data_folder import LIVE
from quoth.adapters.storage.live_recordings import FolderLiveRecordings
from quoth.api.realtime.sessions import LiveLimits
from quoth.config import Settings
from quoth.ports.live import Resampler
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


def live_recordings(
    data: Path, check_space: Callable[[int], None] = lambda _: None
) -> FolderLiveRecordings:
    """Return the recordings of live sessions in a data folder."""
    return FolderLiveRecordings(data / LIVE, check_space)


def live_equipment(manage: ManageJobs, uploads: Uploads, data: Path) -> Equipment:
    """Return what takes the sound of live sessions in, where there is room beside uploads.

    Args:
        manage: makes jobs of recordings.
        uploads: know how much room there is.
        data: the data folder.
    """
    return Equipment(SwResampler, live_recordings(data, uploads.check_space), manage)


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
