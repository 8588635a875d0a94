"""Models on disk: a folder each, with a lock that says what every file of it must be."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from quoth.adapters.weights.hashing import sha256_of
from quoth.domain.errors import BeingFetched, NotRemovable, UnusableFolder
from quoth.ports.model_store import FileRecord, ModelLock
from quoth.ports.progress import Progress

LOCK_FILE = "quoth.lock.json"
FILES = "files"
"""The folder, within that of what is being fetched, which becomes the model's."""


@dataclass(frozen=True, slots=True)
class FolderStore:
    """The `ModelStore` port on a folder; what is being fetched lies in `.partial` in it."""

    folder: Path

    def is_installed(self, name: str) -> bool:
        """Tell whether a model's folder is there."""
        return (self.folder / name).is_dir()

    def lock_of(self, name: str) -> ModelLock | None:
        """Return what is known of an installed model; see the port."""
        try:
            content = json.loads((self.folder / name / LOCK_FILE).read_text(encoding="utf-8"))
            files = {path: FileRecord(**record) for path, record in content.pop("files").items()}
            return ModelLock(**content, files=files)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    @contextmanager
    def fetching(self, name: str) -> Iterator[Path]:
        """Give the folder for what is fetched of a model; see the port."""
        partial = self.folder / ".partial" / name
        try:
            partial.mkdir(parents=True, exist_ok=True)
            turn = (partial.parent / f"{name}.turn").open("w")
        except OSError as error:
            raise UnusableFolder(str(self.folder), str(error)) from error
        with turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BeingFetched(name) from None
            yield partial

    def install(self, lock: ModelLock, partial: Path) -> Path:
        """Put what was fetched in place, whole or not at all; see the port."""
        files, target = partial / FILES, self.folder / lock.model
        (files / LOCK_FILE).write_text(json.dumps(asdict(lock), indent=1) + "\n", encoding="utf-8")
        for file in files.rglob("*"):
            _to_disk(file)
        old = partial / "replaced"
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        files.rename(target)
        _to_disk(self.folder)
        shutil.rmtree(partial)
        return target

    def damage(self, name: str, progress: Progress) -> list[str]:
        """Hold an installed model against its lock; see the port."""
        lock = self.lock_of(name)
        if lock is None:
            return ["it was not installed by Quoth, so nothing is known of its files"]
        wrong = []
        total, done = max(1, sum(record.size_bytes for record in lock.files.values())), 0
        for path, record in lock.files.items():
            file = self.folder / name / path
            if not file.is_file():
                wrong.append(f"{path} is missing")
            elif file.stat().st_size != record.size_bytes or sha256_of(file) != record.sha256:
                wrong.append(f"{path} is damaged")
            done += record.size_bytes
            progress(min(1.0, done / total))
        return wrong

    def remove(self, name: str) -> None:
        """Delete an installed model, what was fetched of it in part included; see the port."""
        with self.fetching(name) as partial:
            if self.is_installed(name):
                if self.lock_of(name) is None:
                    raise NotRemovable(name, f"Quoth did not install {self.folder / name}")
                gone = partial / "removed"
                (self.folder / name).rename(gone)
            shutil.rmtree(partial)

    def free_bytes(self) -> int:
        """Return the room on the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
