"""Where models are kept, and where they are fetched from."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

from quoth.domain.catalogue import Model, Source
from quoth.domain.model_locks import LockedSource, ModelLock, Presence, Transfer

Observe: TypeAlias = Callable[[Transfer], None]
"""Called from inside a pull; it may raise `KeyboardInterrupt`, which leaves a resumable state."""


class ModelFetcher(Protocol):
    """Fetches the files of a source."""

    def fetch(self, model: Model, source: Source, folder: Path, observe: Observe) -> LockedSource:
        """Bring the files of a source into a folder, going on where an earlier try stopped.

        Every file is verified: against its pin, the hub's own hash, or both. Files that are in the
        folder already and whole are kept.

        Raises:
            ModelError: if it cannot be done; what was fetched and is not corrupt is kept.
        """


class ModelStore(Protocol):
    """Keeps models in folders of their names, each with a lock that says what belongs to it."""

    def presence(self, model: Model) -> Presence:
        """Say whether a model is here, without reading its files."""

    def lock(self, model: Model) -> ModelLock:
        """Return what was installed.

        Raises:
            NotInstalledByQuoth: if no pull installed it.
            DamagedLock: if what says so cannot be read.
        """

    def staging(self, model: Model) -> AbstractContextManager[Path]:
        """Give the folder where a model is put together, for this process alone.

        What an earlier pull left is still in it, and what a damaged model had.

        Raises:
            AlreadyPulling: if another process has it.
            NotInstalledByQuoth: if a folder that is not ours has the model's name.
            NotEnoughDisk: if what is still to come would not fit, or the disk fills up inside.
        """

    def install(self, model: Model, lock: ModelLock) -> Path:
        """Turn what is in the staging folder into the model, at one instant."""

    def problems(self, model: Model, observe: Observe) -> list[str]:
        """Read all files of an installed or packaged model and say what is wrong with them."""

    def remove(self, model: Model) -> list[Path]:
        """Remove what a pull installed or began; return what is left in the folder.

        Raises:
            NotInstalledByQuoth: if no pull made it.
            AlreadyPulling: if another process is at work on it.
        """
