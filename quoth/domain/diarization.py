"""Who spoke when: turns, the evidence they are made from, and what the caller knows beforehand."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from numpy.typing import NDArray

from quoth.domain.audio import Interval
from quoth.domain.errors import InvalidEvidence, InvalidSpeakerHints

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, order=True)
class SpeakerTurn:
    """One speaker speaking without a pause, in seconds.

    Raises:
        ValueError: if the times are not an interval.
    """

    start: float
    end: float
    speaker: str

    def __post_init__(self) -> None:
        Interval(self.start, self.end)

    @property
    def interval(self) -> Interval:
        """When."""
        return Interval(self.start, self.end)


@dataclass(frozen=True, slots=True, eq=False)
class Diarization:
    """Who spoke when.

    Args:
        turns: in order of start; turns of different speakers may overlap.
        exclusive: the same without overlap: at most one speaker at any time.
        embeddings: a voice for each speaker, float32, unit length, shape (dimension,).
    """

    turns: tuple[SpeakerTurn, ...] = ()
    exclusive: tuple[SpeakerTurn, ...] = ()
    embeddings: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Ids in order of first appearance."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))


@dataclass(frozen=True, slots=True)
class SpeakerHints:
    """What the caller knows about the number of speakers: nothing, the exact number, or bounds.

    Raises:
        InvalidSpeakerHints: for a number below 1, min above max, or an exact number with bounds.
    """

    exact: int | None = None
    minimum: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        named = {
            "num_speakers": self.exact,
            "min_speakers": self.minimum,
            "max_speakers": self.maximum,
        }
        for name, count in named.items():
            if count is not None and count < 1:
                raise InvalidSpeakerHints(name, f"must be 1 or more, not {count}")
        if self.exact is not None and (self.minimum is not None or self.maximum is not None):
            raise InvalidSpeakerHints(
                "num_speakers", "cannot be given together with min_speakers or max_speakers"
            )
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InvalidSpeakerHints(
                "min_speakers", f"({self.minimum}) is more than max_speakers ({self.maximum})"
            )

    @property
    def fewest(self) -> int:
        """The smallest number of speakers that obeys the hints."""
        return self.exact or self.minimum or 1

    @property
    def most(self) -> int | None:
        """The largest number of speakers that obeys the hints, None for no bound."""
        return self.exact or self.maximum


@dataclass(frozen=True, slots=True, eq=False)
class SpeakerEvidence:
    """What a diarizer learned from the audio, enough to cluster again without the audio.

    Args:
        kind: which diarizer made it and can read it, with a version (`onnx-1`).
        duration: seconds of audio it describes.
        arrays: the diarizer's own arrays by name.
    """

    kind: str
    duration: float
    arrays: Mapping[str, NDArray[np.generic]]

    def write(self, file: IO[bytes]) -> None:
        """Write the evidence as an npz archive without pickles.

        It is not compressed, for embeddings hardly can be, and goes out in small pieces: numpy's
        own writer copies 16 MB at a time, twice.
        """
        header = {"quoth.kind": np.array(self.kind), "quoth.duration": np.array(self.duration)}
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in {**header, **self.arrays}.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    _write_array(entry, np.asarray(array, order="C"))

    def to_bytes(self) -> bytes:
        """Return what `write` writes."""
        buffer = io.BytesIO()
        self.write(buffer)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "SpeakerEvidence":
        """Read what `to_bytes` wrote.

        Raises:
            InvalidEvidence: if the content is anything else.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                arrays = dict(archive)
            kind, duration = str(arrays.pop("quoth.kind")), float(arrays.pop("quoth.duration"))
        except Exception as error:
            raise InvalidEvidence(str(error)) from error
        return cls(kind, duration, arrays)


def _write_array(file: IO[bytes], array: NDArray[np.generic]) -> None:
    """Write an array as a .npy file."""
    np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
    content = array.reshape(-1).view(np.uint8)
    for first in range(0, len(content), _PIECE_BYTES):
        file.write(content[first : first + _PIECE_BYTES].data)
