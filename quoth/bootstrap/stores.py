"""Where recordings and what came of them are kept: a folder, or a bucket for many machines."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from quoth.adapters.ffmpeg.waveform import PcmFile
from quoth.adapters.sql.schema import open_database
from quoth.adapters.sql.stores import store_of
from quoth.adapters.storage.bucket import BucketAccess, open_bucket
from quoth.adapters.storage.bucket_check import try_bucket
from quoth.adapters.storage.bucket_edit_logs import BucketEditLogs
from quoth.adapters.storage.bucket_job_files import BucketJobFiles
from quoth.adapters.storage.bucket_leftovers import BucketLeftovers
from quoth.adapters.storage.edit_logs import FileEditLogs
from quoth.adapters.storage.job_files import FolderJobFiles
from quoth.adapters.storage.job_results import Codec
from quoth.adapters.storage.leftovers import FolderLeftovers
from quoth.adapters.storage.store_identity import bucket_identity, identity_of
from quoth.config import Settings
from quoth.domain.job_errors import WrongStore
from quoth.domain.store_errors import UnusableStore
from quoth.formats import json
from quoth.ports.edit_log import EditLogs
from quoth.ports.jobs import JobFiles
from quoth.ports.leftovers import Leftovers

CODEC = Codec(json.render, json.parse)
SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class Stores:
    """One store in its three views.

    Args:
        files: what belongs to each job.
        edits: the logs of edits.
        leftovers: what the janitor looks at.
    """

    files: JobFiles
    edits: EditLogs
    leftovers: Leftovers


def open_stores(settings: Settings) -> Stores:
    """Return the store that STORE_URL names; nothing is asked of it yet.

    Raises:
        UnusableStore: if it names none.
    """
    if is_bucket(settings):
        bucket = open_bucket(bucket_access(settings))
        kept = BucketJobFiles(bucket, settings.quoth_data / SCRATCH, CODEC, PcmFile)
        return Stores(kept, BucketEditLogs(bucket), BucketLeftovers(kept))
    folder = jobs_folder(settings)
    files = FolderJobFiles(folder, CODEC, PcmFile)
    return Stores(files, FileEditLogs(folder), FolderLeftovers(files))


def check_store(settings: Settings, url: str) -> None:
    """See that the jobs of a database lie in the store at hand.

    Raises:
        WrongStore: if they lie in another.
        DatabaseUnavailable: if the database cannot be used.
        UnusableStore: if STORE_URL names none.
        StoreUnavailable: if it cannot be reached.
    """
    if is_bucket(settings):
        place = settings.store_url or ""
        here = bucket_identity(open_bucket(bucket_access(settings)))
    else:
        folder = jobs_folder(settings)
        place, here = str(folder), identity_of(folder)
    engine = open_database(url)
    try:
        wanted = store_of(engine, here)
    finally:
        engine.dispose()
    if here != wanted:
        raise WrongStore(place, here, wanted)


def try_store(settings: Settings) -> str:
    """Try the store that STORE_URL names, and say what it is.

    Raises:
        UnusableStore: if it names none, or one that cannot do what is needed.
        StoreUnavailable: if it cannot be reached.
    """
    if not is_bucket(settings):
        return str(jobs_folder(settings))
    try_bucket(open_bucket(bucket_access(settings)))
    return f"{settings.store_url} can be written, read and emptied, conditions included"


def is_bucket(settings: Settings) -> bool:
    """Whether the store is a bucket, not a folder."""
    return (settings.store_url or "").startswith("s3://")


def bucket_access(settings: Settings) -> BucketAccess:
    """Return what the settings say of a bucket."""
    return BucketAccess(
        settings.store_url or "",
        settings.store_endpoint,
        settings.store_region,
        _shown(settings.store_access_key_id),
        _shown(settings.store_secret_access_key),
    )


def jobs_folder(settings: Settings) -> Path:
    """Return the folder that the files of jobs are in.

    Raises:
        UnusableStore: if STORE_URL names neither a folder nor a bucket.
    """
    named = settings.store_url
    if named is None:
        return settings.quoth_data / "jobs"
    if "://" not in named:
        return Path(named).expanduser()
    parts = urlsplit(named)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"} or not parts.path:
        raise UnusableStore(
            f"{parts.scheme}:// is no kind of store that Quoth knows",
            "Write s3://bucket/prefix or file:///folder, or leave it unset for QUOTH_DATA.",
        )
    return Path(unquote(parts.path))


def _shown(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
