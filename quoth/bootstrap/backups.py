"""Backups of the installation that the settings describe."""

import time
from pathlib import Path

from quoth import __version__
from quoth.adapters.sql.schema import SCHEMA_VERSION
from quoth.adapters.storage.backup_format import FORMAT
from quoth.adapters.storage.backup_reading import read_backup
from quoth.adapters.storage.backup_writing import BackupWriter
from quoth.adapters.storage.restoring import Restored, Restorer
from quoth.config import Settings
from quoth.domain.backup_errors import BackupFailed
from quoth.domain.backups import BytesDone, Manifest, Origin, untold


def back_up(
    settings: Settings,
    target: Path,
    *,
    with_models: bool = False,
    progress: BytesDone = untold,
) -> Manifest:
    """Write a backup of the data folder, whoever works with it meanwhile.

    Raises:
        BackupFailed: if it cannot be written, or its place is in the data folder.
    """
    data = settings.quoth_data
    if target.resolve().is_relative_to(data.resolve()):
        raise BackupFailed(f"{target} lies in {data}, and would be lost with it. Name another disk")
    origin = Origin(
        version=__version__,
        created=time.time(),
        schema=SCHEMA_VERSION,
        has_database=settings.database_url is None,
        format=FORMAT,
    )
    return BackupWriter(data, origin, with_models).write(target, progress)


def verify(source: Path, progress: BytesDone = untold) -> Manifest:
    """Read a backup to its end and prove it whole.

    Raises:
        UnusableBackup: if it is not.
        NewerBackup: if this version cannot tell.
    """
    return read_backup(source, progress=progress)


def restore(
    settings: Settings, source: Path, *, replaces: bool = False, progress: BytesDone = untold
) -> Restored:
    """Put a backup in place of what is in the data folder; see `Restorer.restore`."""
    restorer = Restorer(settings.quoth_data, SCHEMA_VERSION, settings.database_url is None)
    return restorer.restore(source, replaces=replaces, progress=progress)
