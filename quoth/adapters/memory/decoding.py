"""A decoder that makes sense of no file: it gives the waveform it was made with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from quoth.domain.audio import Waveform
from quoth.domain.errors import AudioTooLong, EmptyFile, NotAudio
from quoth.domain.references import Clip
from quoth.ports.audio_decoder import DecodedAudio, DecodeLimits
from quoth.ports.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class FakeDecoder:
    """An `AudioDecoder` for which every file that is not empty sounds the same.

    Args:
        waveform: how.
        warnings: what it notices.
        others: files that sound otherwise, by their content; None for what is no sound.
    """

    waveform: Waveform
    warnings: tuple[str, ...] = ()
    others: Mapping[bytes, Waveform | None] = field(default_factory=dict)

    def stated_duration(self, source: Path) -> float | None:  # noqa: ARG002 - the port's signature
        """Return how long every file is."""
        return self.waveform.duration

    def decode(
        self, source: Path, target: Path, limits: DecodeLimits, progress: Progress
    ) -> DecodedAudio:
        """Return the waveform; `target` holds what a real decoder would leave."""
        if not source.stat().st_size:
            raise EmptyFile
        waveform: Waveform | None = self.waveform
        if self.others:
            waveform = self.others.get(source.read_bytes(), waveform)
        if waveform is None:
            raise NotAudio("it is said to be none")
        if waveform.duration > limits.max_audio_seconds:
            raise AudioTooLong(limits.max_audio_seconds)
        progress(0.5)
        target.write_bytes(_pcm(waveform))
        return DecodedAudio(waveform, self.warnings)


@lru_cache(maxsize=8)
def _pcm(waveform: Waveform) -> bytes:
    """Return the samples as 16 bits each; whoever measures the rest does not wait for them."""
    return Clip.of(waveform).pcm.tobytes()
