"""Where models come from and where they are kept."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from quoth.domain.catalogue import CatalogueModel
from quoth.ports.progress import Progress


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file of a model must be: its size and its SHA-256, hexadecimal."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelLock:
    """What was fetched: written beside a model when it is installed, held against it later.

    Args:
        model: its name.
        source: where it came from.
        revision: of the repository or the hash of the archive.
        files: by path within the model's folder.
    """

    model: str
    source: str
    revision: str
    files: Mapping[str, FileRecord]


class ModelSource(Protocol):
    """Fetches models of one kind of source."""

    def space_needed(self, model: CatalogueModel, partial: Path) -> int:
        """Return the bytes that fetching and unpacking will still take.

        Raises:
            DownloadError: if the source cannot say.
        """

    def fetch(self, model: CatalogueModel, partial: Path, progress: Progress) -> ModelLock:
        """Bring the files of a model into `partial / "files"`, checked; go on where one stopped.

        Raises:
            DownloadError: if it cannot be had; what is good of it stays in `partial`.
            Cancelled: if `progress` raised it.
        """


class ModelStore(Protocol):
    """Keeps models in folders."""

    @property
    def folder(self) -> Path:
        """Where they are."""

    def lock_of(self, name: str) -> ModelLock | None:
        """Return what is known of an installed model, None where Quoth did not install it."""

    def is_installed(self, name: str) -> bool:
        """Tell whether a model's folder is there."""

    def fetching(self, name: str) -> AbstractContextManager[Path]:
        """Give the folder for what is fetched of a model, to one process at a time.

        Raises:
            BeingFetched: if another process has it.
        """

    def install(self, lock: ModelLock, partial: Path) -> Path:
        """Put what was fetched in place, whole or not at all."""

    def damage(self, name: str, progress: Progress) -> Sequence[str]:
        """Hold an installed model against its lock; return what is wrong, in words."""

    def remove(self, name: str) -> None:
        """Delete an installed model.

        Raises:
            NotRemovable: if Quoth did not install it.
        """

    def free_bytes(self) -> int:
        """Return the room on the disk."""
