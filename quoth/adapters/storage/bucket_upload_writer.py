"""Appending to one upload in a bucket: gathered on the disk here, sent when worth an object."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock

from quoth.adapters.storage.bucket import Bucket
from quoth.adapters.storage.bucket_upload_pieces import PIECE_BYTES, Listed, Piece, piece_path
from quoth.domain.upload_errors import LongerThanStated, UploadBusy
from quoth.domain.uploads import Upload


class BucketUploadWriter:
    """Appends to the pieces of an upload.

    Nobody is kept from writing beside it: whose piece comes second is refused.

    Args:
        bucket: holds the pieces.
        upload_id: whose they are.
        there: what there is of it.
        folder: here, for what is gathered.
        settle: called at the end; says how far the upload is.
    """

    def __init__(
        self,
        bucket: Bucket,
        upload_id: str,
        there: Listed,
        folder: Path,
        settle: Callable[[], Upload],
    ) -> None:
        self._bucket, self._id, self._size = bucket, upload_id, there.size_bytes
        self._last = there.pieces[-1] if there.pieces else None
        self._sent = there.offset_bytes
        self._settle = settle
        folder.mkdir(parents=True, exist_ok=True)
        self._gathered = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        self._is_refused = False
        self._lock = Lock()  # a cancelled request closes while its last write is still under way

    def write(self, data: bytes) -> None:
        """Append bytes; see the port.

        Raises:
            UploadBusy: if another writer was faster; what it wrote stays.
            StoreUnavailable: if the bucket cannot be reached.
        """
        with self._lock:
            waiting = self._gathered.tell()
            if self._sent + waiting + len(data) > self._size:
                raise LongerThanStated(self._size)
            self._gathered.write(data)
            if waiting + len(data) >= PIECE_BYTES:
                self._send()

    def is_wanted(self) -> bool:
        """Never: who wants it writes, and then this one is refused."""
        return False

    def close(self) -> Upload:
        """Send what is left and say how far the upload is; see the port."""
        with self._lock:
            try:
                if not self._is_refused:
                    self._send()
                return self._settle()
            finally:
                self._gathered.close()

    def _send(self) -> None:
        self._gathered.seek(0)
        content = self._gathered.read()
        self._gathered.seek(0)
        self._gathered.truncate()
        if not content:
            return
        self._is_refused = True  # unless it is known that all of it is there
        last = self._last
        if last is not None and last.size_bytes < PIECE_BYTES:
            is_kept = self._put_longer(last.path, last.size_bytes, content)
            self._last = replace(last, size_bytes=last.size_bytes + len(content))
        else:
            path = piece_path(self._id, self._sent)
            is_kept = self._bucket.create(path, content) or self._bucket.get(path) == content
            self._last = Piece(path, self._sent, len(content))
        if not is_kept:
            raise UploadBusy(self._id)
        self._is_refused = False
        self._sent += len(content)

    def _put_longer(self, path: str, size_bytes: int, content: bytes) -> bool:
        found = self._bucket.get_tagged(path)
        if found is None or len(found[0]) != size_bytes:
            return False
        longer = found[0] + content
        # What was sent twice because the first answer was lost is refused, and there.
        return self._bucket.replace(path, longer, found[1]) or self._bucket.get(path) == longer
