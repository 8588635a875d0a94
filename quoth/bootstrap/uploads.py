"""Where recordings are kept that come in pieces: in the store, for every server that shares it."""

from pathlib import Path

from quoth.adapters.storage.bucket import open_bucket
from quoth.adapters.storage.bucket_uploads import BucketUploads
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.bootstrap.stores import bucket_access, is_bucket, jobs_folder
from quoth.config import Settings
from quoth.ports.uploads import Uploads

UPLOADS = "uploads"
HOUR_SECONDS = 3600.0


def open_uploads(settings: Settings) -> Uploads:
    """Return what keeps uploads: in the store, or in the data folder where that is the store.

    The data folder, too, may have several servers on one machine.

    Raises:
        UnusableStore: if STORE_URL names no store.
    """
    here = DiskSpace(settings.quoth_data / UPLOADS, settings.min_free_disk_bytes)
    expiry_seconds = settings.upload_expiry_hours * HOUR_SECONDS
    if is_bucket(settings):
        return BucketUploads(
            open_bucket(bucket_access(settings)),
            here,
            settings.max_upload_bytes,
            expiry_seconds,
            max_unfinished=settings.max_unfinished_uploads,
        )
    store = _folder_elsewhere(settings)
    return FileUploads(
        here if store is None else DiskSpace(store / UPLOADS, settings.min_free_disk_bytes),
        settings.max_upload_bytes,
        expiry_seconds,
        max_unfinished=settings.max_unfinished_uploads,
        beside=None if store is None else here,
    )


def _folder_elsewhere(settings: Settings) -> Path | None:
    folder = jobs_folder(settings)
    return None if folder == settings.quoth_data / "jobs" else folder
