"""Models on disk: a folder for each, put together beside it and renamed when it is whole."""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from quoth.adapters.weights.lock_file import NAME as LOCK_NAME
from quoth.adapters.weights.lock_file import read_lock, write_lock
from quoth.adapters.weights.packaged import packaged_problems
from quoth.domain.catalogue import Model
from quoth.domain.errors import UnusableFolder
from quoth.domain.model_errors import AlreadyPulling, NotEnoughDisk, NotInstalledByQuoth
from quoth.domain.model_locks import LockedFile, ModelLock, Presence, Step, Transfer
from quoth.ports.model_store import Observe

STAGING = ".partial"
BLOCK_BYTES = 1 << 20
SPARE_BYTES = 100_000_000
"""Left free beside a model: a disk without any space troubles everybody on the machine."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNWRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST})


class FolderStore:
    """Fulfils `ModelStore` in one folder.

    Args:
        folder: models are below it, each in a folder of its name.
        free_bytes: tells how much space is left where a folder is.
    """

    def __init__(
        self,
        folder: Path,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._folder = folder
        self._free_bytes = free_bytes

    def presence(self, model: Model) -> Presence:
        """Say whether a model is here, without reading its files."""
        if model.is_packaged:
            return Presence.PACKAGED
        if (self._home(model) / LOCK_NAME).is_file():
            return Presence.PULLED
        if self._home(model).exists():
            return Presence.BY_HAND
        return Presence.BEGUN if self._staging(model).is_dir() else Presence.ABSENT

    def lock(self, model: Model) -> ModelLock:
        """Return what was installed; see `ModelStore`."""
        try:
            return read_lock(self._home(model))
        except FileNotFoundError as error:
            raise NotInstalledByQuoth(str(self._home(model))) from error

    @contextmanager
    def staging(self, model: Model) -> Iterator[Path]:
        """Give the folder where a model is put together; see `ModelStore`."""
        with self._alone(model), self._explained(model):
            home, staging = self._home(model), self._staging(model)
            if self.presence(model) is Presence.BY_HAND:
                raise NotInstalledByQuoth(str(home))
            if home.exists():
                shutil.rmtree(staging, ignore_errors=True)
                home.rename(staging)
            staging.mkdir(exist_ok=True)
            self._check_space(model, staging)
            yield staging

    def install(self, model: Model, lock: ModelLock) -> Path:
        """Turn what is in the staging folder into the model: all of it, or nothing of it."""
        home, staging = self._home(model), self._staging(model)
        wanted = {staging / file.name for file in lock.files}
        for path in sorted(staging.rglob("*"), reverse=True):
            if path.is_file() and path not in wanted:
                path.unlink()
        write_lock(staging, lock)
        for path in (*staging.rglob("*"), staging):
            _sync(path)
        staging.rename(home)
        _sync(self._folder)
        return home

    def problems(self, model: Model, observe: Observe) -> list[str]:
        """Say what is wrong with the files of a model; see `ModelStore`."""
        if model.is_packaged:
            return packaged_problems(model.name)
        files = self.lock(model).files
        total = sum(file.size_bytes for file in files)
        problems = []
        before = 0
        for file in files:
            problems.append(_problem(self._home(model), file, before, total, observe))
            before += file.size_bytes
        return [problem for problem in problems if problem]

    def remove(self, model: Model) -> list[Path]:
        """Remove what a pull installed or began; see `ModelStore`."""
        with self._alone(model), self._explained(model):
            shutil.rmtree(self._staging(model), ignore_errors=True)
            home = self._home(model)
            if not home.exists():
                return []
            for file in self.lock(model).files:
                (home / file.name).unlink(missing_ok=True)
            (home / LOCK_NAME).unlink()
            for path in sorted((path for path in home.rglob("*") if path.is_dir()), reverse=True):
                if not any(path.iterdir()):
                    path.rmdir()
            left = sorted(home.iterdir())
            if not left:
                home.rmdir()
            return left

    def _home(self, model: Model) -> Path:
        return self._folder / model.name

    def _staging(self, model: Model) -> Path:
        return self._folder / STAGING / model.name

    @contextmanager
    def _alone(self, model: Model) -> Iterator[None]:
        """Keep other processes away; the system lets go when this one ends, however it ends."""
        path = self._folder / STAGING / f"{model.name}.in-use"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("w")
        except OSError as error:
            raise UnusableFolder(str(self._folder), error.strerror or str(error)) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyPulling(model.name) from error
            yield

    @contextmanager
    def _explained(self, model: Model) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise NotEnoughDisk(model.name, str(self._folder)) from error
            if error.errno in _UNWRITABLE:
                raise UnusableFolder(str(self._folder), error.strerror or str(error)) from error
            raise

    def _check_space(self, model: Model, staging: Path) -> None:
        here = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
        needed = model.installed_bytes + model.archive_bytes + SPARE_BYTES - here
        missing = needed - self._free_bytes(staging)
        if missing > 0:
            raise NotEnoughDisk(model.name, str(self._folder), missing)


def _problem(home: Path, file: LockedFile, before: int, total: int, observe: Observe) -> str:
    path = home / file.name
    sha256 = hashlib.sha256()
    done = 0
    try:
        size = path.stat().st_size
        if size != file.size_bytes:
            return f"{path} has {size} bytes instead of {file.size_bytes}"
        with path.open("rb") as content:
            while block := content.read(BLOCK_BYTES):
                sha256.update(block)
                done += len(block)
                observe(Transfer(Step.CHECK, before + done, total))
    except FileNotFoundError:
        return f"{path} is missing"
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    if sha256.hexdigest() != file.sha256:
        return f"{path} has sha256 {sha256.hexdigest()} instead of {file.sha256}"
    return ""


def _sync(path: Path) -> None:
    """Wait until a file or folder is on the disk, so that a power cut cannot leave half of it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
