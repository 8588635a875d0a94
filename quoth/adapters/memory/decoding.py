"""A decoder that reads no file: it gives the waveform it was made with."""

from dataclasses import dataclass
from pathlib import Path

from quoth.domain.audio import Waveform
from quoth.domain.errors import AudioTooLong, EmptyFile
from quoth.ports.audio_decoder import DecodedAudio, DecodeLimits
from quoth.ports.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class FakeDecoder:
    """An `AudioDecoder` for which every file that is not empty sounds the same."""

    waveform: Waveform
    warnings: tuple[str, ...] = ()

    def stated_duration(self, source: Path) -> float | None:  # noqa: ARG002 - the port's signature
        """Return how long every file is."""
        return self.waveform.duration

    def decode(
        self, source: Path, target: Path, limits: DecodeLimits, progress: Progress
    ) -> DecodedAudio:
        """Return the waveform; `target` holds as many bytes as a real decoder would leave."""
        if not source.stat().st_size:
            raise EmptyFile
        if self.waveform.duration > limits.max_audio_seconds:
            raise AudioTooLong(limits.max_audio_seconds)
        progress(0.5)
        target.write_bytes(bytes(2 * self.waveform.sample_count))
        return DecodedAudio(self.waveform, self.warnings)
