"""Whether a bucket can do what is asked of it, tried with one small object."""

from contextlib import suppress
from uuid import uuid4

from quoth.adapters.storage.bucket import Bucket
from quoth.domain.store_errors import StoreUnavailable, UnusableStore


def try_bucket(bucket: Bucket) -> None:
    """Put, read, list and delete an object, and see that conditions of writes are kept.

    Raises:
        StoreUnavailable: if it cannot be reached, or refuses.
        UnusableStore: if it takes conditional writes for unconditional ones.
    """
    path = f".doctor/{uuid4().hex}"
    try:
        bucket.put(path, b"first")
        tagged = bucket.get_tagged(path)
        if tagged is None or not any(each.path == path for each in bucket.list(".doctor")):
            raise StoreUnavailable("what was put there is not found there")
        keeps = not bucket.create(path, b"second") and bucket.replace(path, b"third", tagged[1])
        if not keeps or bucket.replace(path, b"fourth", tagged[1]):
            raise UnusableStore(
                "it does not keep to conditions (If-None-Match, If-Match), and edits could be lost",
                "Use a server that does, as AWS, MinIO and R2 do.",
            )
    finally:
        with suppress(StoreUnavailable):
            bucket.delete([path])
