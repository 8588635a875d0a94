"""A bucket of S3, or of what speaks S3, by obstore; nobody else here calls the library.

S3 shows an object whole or not at all, and whoever asks after a write sees it. Retries, timeouts,
signatures and uploads in parts are obstore's.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from quoth.domain.store_errors import StoreUnavailable, UnusableStore

PART_BYTES = 8 << 20
PARTS_AT_ONCE = 4
"""What an upload holds in memory: so many parts."""
READ_BYTES = 1 << 20
STATUS = re.compile(r"\b([45]\d\d) [A-Z][a-z]+")
RETRIES: dict[str, Any] = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"max_backoff": timedelta(seconds=2)},
}
"""Longer waits are the caller's: a request wants its answer, a job has time."""
CLIENT: dict[str, Any] = {
    "connect_timeout": timedelta(seconds=3),
    "read_timeout": timedelta(seconds=15),  # of silence
    "timeout": timedelta(seconds=120),  # of a part, however slow the line
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """Where a bucket is and who asks; what is None is found as AWS's own programs find it.

    Args:
        url: `s3://bucket/prefix`.
        endpoint: of a server that is not AWS's, as `http://minio:9000`.
        region: as `eu-central-1`.
        access_key_id: with `secret_access_key`, who asks.
        secret_access_key: never shown.
    """

    url: str
    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None

    def __repr__(self) -> str:
        """Show nothing that is secret."""
        return f"BucketAccess({self.url!r}, {self.endpoint!r})"


@dataclass(frozen=True, slots=True)
class Found:
    """An object that is there; `path` begins below the prefix, `changed` is since the epoch."""

    path: str
    size_bytes: int
    changed: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """The objects below a prefix.

    Args:
        store: obstore's; it knows the prefix.

    Every method raises StoreUnavailable if the bucket cannot be reached, or refuses.
    """

    store: Any

    def get(self, path: str) -> bytes | None:
        """Return an object's content, None if there is none."""
        found = self.get_tagged(path)
        return None if found is None else found[0]

    def get_tagged(self, path: str) -> tuple[bytes, str] | None:
        """Return an object's content and its ETag, None if there is none."""
        with _told(), suppress(FileNotFoundError):
            found = self.store.get(path)
            return bytes(found.bytes()), str(found.meta["e_tag"])
        return None

    def get_range(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes `[start, end)` of an object, which have to be there."""
        with _told():
            return bytes(self.store.get_range(path, start=start, end=end))

    def download(self, path: str, target: Path) -> bool:
        """Write an object to a file, a piece at a time; False if there is none."""
        with _told(), suppress(FileNotFoundError):
            stream = self.store.get(path).stream(min_chunk_size=READ_BYTES)
            with target.open("wb") as file:
                for piece in stream:
                    file.write(piece)
            return True
        return False

    def head(self, path: str) -> Found | None:
        """Return what is known of an object, None if there is none."""
        with _told(), suppress(FileNotFoundError):
            return _found(self.store.head(path))
        return None

    def put(self, path: str, content: bytes | Path) -> None:
        """Put an object in place of what was there; a large file goes in parts."""
        with _told():
            self.store.put(path, content, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)

    def create(self, path: str, content: bytes) -> bool:
        """Put an object where none is; False if one is there."""
        return self._put_if(path, content, "create")

    def replace(self, path: str, content: bytes, tag: str) -> bool:
        """Put an object in place of the one with an ETag; False if that is not there any more."""
        return self._put_if(path, content, {"e_tag": tag})

    def folders(self) -> Sequence[str]:
        """Return the first parts of all paths."""
        with _told():
            found = self.store.list_with_delimiter()["common_prefixes"]
        return [str(each).strip("/") for each in found]

    def list(self, folder: str | None = None) -> Iterator[Found]:
        """Give all objects, or those in a folder."""
        with _told():
            for page in self.store.list(folder):
                yield from map(_found, page)

    def delete(self, paths: Sequence[str]) -> None:
        """Delete objects, whether they are there or not."""
        with _told():
            if paths:
                self.store.delete(list(paths))

    def _put_if(self, path: str, content: bytes, mode: object) -> bool:
        from obstore.exceptions import (  # noqa: PLC0415
            AlreadyExistsError,
            PreconditionError,
        )

        with _told():
            try:
                self.store.put(path, content, mode=mode, use_multipart=False)
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                return False
            return True


def open_bucket(access: BucketAccess) -> Bucket:
    """Return a bucket; nothing is asked of it yet.

    Raises:
        UnusableStore: if the URL names none.
    """
    parts = urlsplit(access.url)
    if not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise UnusableStore(
            "it names no bucket",
            "Write s3://bucket/prefix, and credentials in settings of their own.",
        )
    from obstore.exceptions import BaseError  # noqa: PLC0415 - only where a bucket is named
    from obstore.store import S3Store  # noqa: PLC0415

    given = {
        "endpoint": access.endpoint,
        "region": access.region,
        "access_key_id": access.access_key_id,
        "secret_access_key": access.secret_access_key,
    }
    config = {name: value for name, value in given.items() if value is not None}
    is_plain = (access.endpoint or "").startswith("http://")
    try:
        store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=config,  # type: ignore[arg-type]
            client_options=CLIENT | {"allow_http": is_plain},  # type: ignore[arg-type]
            retry_config=RETRIES,  # type: ignore[arg-type]
        )
    except (BaseError, ValueError) as error:
        raise UnusableStore(
            "it cannot be used with these settings", "See STORE_ENDPOINT and STORE_REGION."
        ) from error
    return Bucket(store)


def _found(meta: Mapping[str, Any]) -> Found:
    return Found(str(meta["path"]), int(meta["size"]), meta["last_modified"].timestamp())


@contextmanager
def _told() -> Iterator[None]:
    """Say what the library raises in our words, which hold no secret; its own go to no log."""
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError  # noqa: PLC0415

    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise StoreUnavailable("it refuses the credentials") from error
    except FileNotFoundError as error:  # of an object only where one has to be there
        raise StoreUnavailable("there is no such bucket, or what was there is gone") from error
    except BaseError as error:
        status = STATUS.search(str(error))
        told = f"it answers {status[0]}" if status else "it gives no answer"
        raise StoreUnavailable(told) from error
