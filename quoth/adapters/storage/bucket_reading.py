"""Reading an object as a file: what is sought and read is asked for, and no more."""

import io
from typing import Any, BinaryIO, cast

from quoth.adapters.storage.bucket import READ_BYTES, Bucket


class BucketFile(io.RawIOBase):
    """An object of a known size; each read is a request for a range."""

    def __init__(self, bucket: Bucket, path: str, size_bytes: int) -> None:
        self._bucket, self._path, self._size_bytes = bucket, path, size_bytes
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on reading elsewhere."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read what fits."""
        end = min(self._at + len(buffer), self._size_bytes)
        if end <= self._at:
            return 0
        piece = self._bucket.get_range(self._path, self._at, end)
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def open_object(bucket: Bucket, path: str, size_bytes: int) -> BinaryIO:
    """Return an object as a file that reads a megabyte ahead."""
    return cast("BinaryIO", io.BufferedReader(BucketFile(bucket, path, size_bytes), READ_BYTES))
