"""Putting a backup in place of what is in a data folder."""

import errno
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from quoth.adapters.storage import data_folder
from quoth.adapters.storage.backup_reading import read_backup
from quoth.adapters.storage.disk_space import free_bytes
from quoth.adapters.storage.job_results import DISOWNED
from quoth.adapters.storage.replacing import STAGED, put_in_place, undo_interrupted
from quoth.adapters.storage.serving_lock import lock_folder
from quoth.domain.backup_errors import AnotherDatabase, JobsInTheWay, NewerBackup
from quoth.domain.backups import BytesDone, Manifest, Origin, untold
from quoth.domain.errors import OutOfDisk, UnusableFolder


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and where that is which was there before, if anything was."""

    manifest: Manifest
    aside: Path | None


@dataclass(frozen=True, slots=True)
class Restorer:
    """Puts backups in place.

    Args:
        data: the data folder.
        schema: the newest version of the tables that is known.
        has_database: whether the rows are in the data folder.
    """

    data: Path
    schema: int
    has_database: bool

    def restore(
        self, source: Path, *, replaces: bool = False, progress: BytesDone = untold
    ) -> Restored:
        """Prove a backup, then put it in place; what was there is moved aside and not deleted.

        Raises:
            DataInUse: if a server works with the folder.
            JobsInTheWay: if there are jobs, and they are not to be replaced.
            UnusableBackup, NewerBackup, AnotherDatabase: if it cannot be restored here.
            OutOfDisk, UnusableFolder: if the folder cannot take it.
        """
        try:
            with lock_folder(self.data):
                undo_interrupted(self.data)
                if not replaces and (count := data_folder.count_jobs(self.data)):
                    raise JobsInTheWay(str(self.data), count)
                return self._restore(source, progress)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise OutOfDisk(str(self.data)) from error
            raise UnusableFolder(str(self.data), error.strerror or str(error)) from error

    def _restore(self, source: Path, progress: BytesDone) -> Restored:
        if source.is_file() and source.stat().st_size > free_bytes(self.data):
            raise OutOfDisk(str(self.data))
        staged = Path(tempfile.mkdtemp(prefix=STAGED, dir=self.data))
        try:
            manifest = read_backup(
                source, staged, progress, lambda origin: self._check(source, origin)
            )
            if self.has_database:
                _disown_later_jobs(staged)
            with_models = (staged / data_folder.MODELS).exists()
            old = data_folder.entries(self.data, with_models=with_models)
            aside = self._aside()
            put_in_place(self.data, staged, old, aside)
        finally:
            undo_interrupted(self.data)  # whatever is staged yet
        return Restored(manifest, aside if old else None)

    def _check(self, source: Path, origin: Origin) -> None:
        if origin.schema > self.schema:
            raise NewerBackup(source.name, origin.version)
        if origin.has_database != self.has_database:
            raise AnotherDatabase(source.name, is_outside=not origin.has_database)

    def _aside(self) -> Path:
        now = time.strftime("%Y-%m-%dT%H%M%S")
        names = (
            f"{data_folder.ASIDE}{now}{ending}"
            for ending in ("", *map("-{}".format, range(2, 100)))
        )
        return next(path for name in names if not (path := self.data / name).exists())


def _disown_later_jobs(staged: Path) -> None:
    """Mark folders of jobs that came in after the rows were copied: the next start removes them."""
    rows, folder = staged / data_folder.ROWS, staged / data_folder.JOBS
    if not rows.is_file() or not folder.is_dir():
        return
    with closing(sqlite3.connect(rows)) as database:
        known = {job_id for (job_id,) in database.execute("SELECT id FROM quoth_jobs")}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in known:
            (path / DISOWNED).touch()
