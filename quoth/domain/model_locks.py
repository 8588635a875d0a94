"""What a pulled model consists of: every file with its hash, and where it came from."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file: its name below the model's folder (with `/`), its size and sha256."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LockedSource:
    """What one source gave.

    Args:
        page: where it came from.
        revision: the commit on the hub, or the sha256 of the archive.
        files: all that was kept of it.
    """

    page: str
    revision: str
    files: tuple[LockedFile, ...]


@dataclass(frozen=True, slots=True)
class ModelLock:
    """What was installed under a name."""

    model: str
    sources: tuple[LockedSource, ...]

    @property
    def files(self) -> tuple[LockedFile, ...]:
        """The files of all sources."""
        return tuple(file for source in self.sources for file in source.files)


class Presence(StrEnum):
    """Whether a model is on this machine."""

    PACKAGED = "packaged"
    """Came along with Quoth."""
    PULLED = "pulled"
    """Installed by a pull, with a lock."""
    BY_HAND = "by hand"
    """A folder of its name is there that no pull made."""
    BEGUN = "begun"
    """A pull was cut short; the next goes on."""
    ABSENT = "absent"


class Step(StrEnum):
    """What a pull is doing."""

    DOWNLOAD = "downloading"
    CHECK = "checking"
    UNPACK = "unpacking"


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far a step of a pull is, in bytes; `total_bytes` is what the whole step has."""

    step: Step
    done_bytes: int
    total_bytes: int
