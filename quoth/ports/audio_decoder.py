"""Turning whatever file comes in into samples on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from quoth.domain.audio import Waveform
from quoth.ports.progress import Progress


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What decoding one file may cost.

    Args:
        max_audio_seconds: the longest recording accepted.
        max_wall_seconds: the longest decoding may take.
        max_memory_bytes: the most address space the decoding process may take.
    """

    max_audio_seconds: float = 12 * 3600.0
    max_wall_seconds: float = 1800.0
    max_memory_bytes: int = 2 * 1024**3


@dataclass(frozen=True, slots=True, eq=False)
class DecodedAudio:
    """A recording as 16 kHz mono samples on disk, and what was odd about it."""

    waveform: Waveform
    warnings: tuple[str, ...] = ()


class AudioDecoder(Protocol):
    """Decodes audio and the sound of video."""

    def stated_duration(self, source: Path) -> float | None:
        """Return the seconds a file says it has, without decoding it; None if it does not say.

        Raises:
            MissingTool: if no decoder is on this machine.
        """

    def decode(
        self, source: Path, target: Path, limits: DecodeLimits, progress: Progress
    ) -> DecodedAudio:
        """Decode the first sound track of `source` into the file `target`.

        Raises:
            EmptyFile, NotAudio, NoSoundTrack: if there is no sound in it.
            AudioTooLong, DecodingTooCostly: if it is over a limit.
            MissingTool: if no decoder is on this machine.
            Cancelled: if `progress` raised it.
        """
