"""Which store a folder or a bucket is, whatever path or name it has here."""

from pathlib import Path
from uuid import uuid4

from quoth.adapters.storage.bucket import Bucket
from quoth.adapters.storage.whole_files import adding
from quoth.domain.store_errors import StoreUnavailable

NAME = ".store"


def identity_of(folder: Path) -> str:
    """Return the id of a folder of jobs, made when it is asked for the first time."""
    path = folder / NAME
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    try:
        with adding(path) as file:
            file.write(uuid4().hex.encode())
    except FileExistsError:
        pass  # another process was faster
    return path.read_text("ascii").strip()


def bucket_identity(bucket: Bucket) -> str:
    """Return the id of a bucket of jobs, made when it is asked for the first time.

    Raises:
        StoreUnavailable: if it cannot be reached, or is not there.
    """
    bucket.create(NAME, uuid4().hex.encode())  # where none is yet
    found = bucket.get(NAME)
    if found is None:
        raise StoreUnavailable("there is no such bucket")
    return found.decode().strip()
