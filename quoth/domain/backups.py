"""A backup: what it says of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

BytesDone: TypeAlias = Callable[[int, int], None]
"""Told how many bytes are done, of how many."""


def untold(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was: its size and the sha256 of its content, in hexadecimal."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a backup comes from; its first words.

    Args:
        version: of the Quoth that made it.
        created: seconds since the epoch.
        schema: version of the tables.
        has_database: whether the rows are in it; otherwise they are in Postgres.
        format: version of the backup itself.
    """

    version: str
    created: float
    schema: int
    has_database: bool
    format: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; its last words.

    Args:
        origin: where it comes from.
        files: by their paths in the data folder.
    """

    origin: Origin
    files: Mapping[str, FileRecord] = field(default_factory=dict)

    @property
    def jobs(self) -> int:
        """How many jobs have files in it."""
        return len({path.split("/")[1] for path in self.files if path.startswith("jobs/")})

    @property
    def size_bytes(self) -> int:
        """How large its files are together."""
        return sum(record.size_bytes for record in self.files.values())
