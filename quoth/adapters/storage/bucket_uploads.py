"""Uploads in a bucket, for all servers that share it; `bucket_upload_pieces` says what is where."""

import errno
import hashlib
import logging
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from quoth.adapters.storage.bucket import Bucket
from quoth.adapters.storage.bucket_upload_pieces import (
    HELD,
    PIECE_BYTES,
    WHOLE,
    Listed,
    folder_of,
    look,
    look_at_all,
    owner_digest,
    read,
    stated_path,
    upload_of,
    written,
)
from quoth.adapters.storage.bucket_upload_writer import BucketUploadWriter
from quoth.adapters.storage.disk_space import DiskSpace
from quoth.domain.errors import EmptyFile, FileTooLarge, OutOfDisk
from quoth.domain.upload_errors import (
    TooManyUnfinishedUploads,
    TooManyUploads,
    UploadBusy,
    UploadExpired,
    UploadNotFound,
    UploadUnfinished,
    WrongChecksum,
    WrongOffset,
)
from quoth.domain.uploads import NewUpload, Upload
from quoth.ports.uploads import FinishedUpload

ID = re.compile(r"[0-9a-f]{32}")
HOLDING_SECONDS = 900.0
"""After so long whoever holds an upload to make a job of it has died over it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BucketUploads:
    """Keeps uploads in a bucket.

    Args:
        bucket: holds them.
        here: a folder of this server alone, for what is gathered, and what has to stay free there.
        max_bytes: the largest upload.
        expiry_seconds: how long after its last byte an upload is kept.
        clock: seconds since the epoch.
        max_uploads: how many are kept at once; each is looked at when a new one begins.
        max_unfinished: of one owner.

    Every method raises StoreUnavailable if the bucket cannot be reached.
    """

    bucket: Bucket
    here: DiskSpace
    max_bytes: int
    expiry_seconds: float
    clock: Callable[[], float] = time.time
    max_uploads: int = 1000
    max_unfinished: int = 100
    _beginning: Lock = field(default_factory=Lock)

    def create(self, new: NewUpload) -> Upload:
        """Begin an upload; see the port. Of two servers each may let one in at the very limit."""
        if new.size_bytes <= 0:
            raise EmptyFile
        if new.size_bytes > self.max_bytes:
            raise FileTooLarge(self.max_bytes)
        upload_id = secrets.token_hex(16)
        with self._beginning:
            self._check_count(new.owner)
            self.bucket.put(stated_path(upload_id, new), written(new))
        return self.find(upload_id)

    def find(self, upload_id: str) -> Upload:
        """Say how far an upload is; see the port."""
        return self._find(upload_id)[0]

    def append(self, upload_id: str, offset_bytes: int | None = None) -> BucketUploadWriter:
        """Open an upload for what comes after an offset; see the port."""
        upload, there = self._find(upload_id)
        if offset_bytes not in {None, upload.offset_bytes}:
            raise WrongOffset(upload.offset_bytes, offset_bytes or 0)
        self.check_space(PIECE_BYTES)
        return BucketUploadWriter(
            self.bucket, upload_id, there, self.here.folder, lambda: self._settle(upload_id)
        )

    def remove(self, upload_id: str) -> None:
        """Remove an upload; see the port."""
        self._discard(self._find(upload_id)[1])

    def finished(self, upload_id: str) -> FinishedUpload:
        """Return an upload that is whole; see the port."""
        upload = self.find(upload_id)
        if upload.remaining_bytes:
            raise UploadUnfinished(upload_id, upload.offset_bytes, upload.stated.size_bytes)
        if not upload.is_finished:  # killed between the last byte and the check of its hash
            upload = self._settle(upload_id)
        return FinishedUpload(None, upload.stated.filename, upload.offset_bytes)

    @contextmanager
    def held(self, upload_ids: Collection[str]) -> Iterator[None]:
        """Keep uploads from others who would make jobs of them meanwhile; see the port."""
        with ExitStack() as stack:
            for upload_id in dict.fromkeys(upload_ids):
                with suppress(UploadNotFound):
                    stack.callback(self.bucket.delete, [self._hold(upload_id)])
            yield

    def lend(self, upload_id: str, target: Path) -> FinishedUpload:
        """Put an upload that is whole at a path, too; see the port."""
        upload = self.finished(upload_id)
        self.check_space(upload.size_bytes)
        try:
            with target.open("wb") as file:
                for content in self._pieces(upload_id):
                    file.write(content)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise OutOfDisk(str(target.parent)) from error
            raise
        return FinishedUpload(target, upload.filename, upload.size_bytes)

    def check_space(self, size_bytes: int) -> None:
        """Check that something fits on the disk here; see the port."""
        self.here.folder.mkdir(parents=True, exist_ok=True)
        self.here.require(size_bytes)

    def sweep(self) -> None:
        """Remove what has expired, and what a crash left behind; see the port."""
        for upload_id, there in look_at_all(self.bucket).items():
            if self._is_over(there):
                log.info("The upload %s has expired and is removed", upload_id)
                self._discard(there)

    def _is_over(self, there: Listed) -> bool:
        return self.clock() >= there.changed + self.expiry_seconds

    def _check_count(self, owner: str) -> None:
        kept = look_at_all(self.bucket)
        if len(kept) >= self.max_uploads:
            raise TooManyUploads(self.max_uploads)
        unfinished = [
            each
            for each in kept.values()
            if each.stated and not each.is_whole and not self._is_over(each)
        ]
        own = owner_digest(owner)
        if sum(each.owner == own for each in unfinished) >= self.max_unfinished:
            raise TooManyUnfinishedUploads(self.max_unfinished)

    def _find(self, upload_id: str) -> tuple[Upload, Listed]:
        """Return an upload and what there is of it; raise if it is gone or has expired."""
        if not ID.fullmatch(upload_id):
            raise UploadNotFound(upload_id)
        there = look(self.bucket, upload_id)
        content = self.bucket.get(there.stated) if there.stated else None
        if content is None:
            raise UploadNotFound(upload_id)
        if self._is_over(there):
            raise UploadExpired(upload_id)
        return upload_of(upload_id, read(content), there, self.expiry_seconds), there

    def _settle(self, upload_id: str) -> Upload:
        try:
            upload, there = self._find(upload_id)
        except UploadNotFound:  # removed meanwhile: what was sent after it is nobody's
            self._discard(look(self.bucket, upload_id))
            raise
        if upload.remaining_bytes or upload.is_finished:
            return upload
        if (stated := upload.stated.sha256) is not None:
            received = hashlib.sha256()
            for content in self._pieces(upload_id):
                received.update(content)
            if received.hexdigest() != stated:
                self._discard(there)
                raise WrongChecksum(stated, received.hexdigest())
        self.bucket.put(f"{folder_of(upload_id)}/{WHOLE}", b"")
        return self.find(upload_id)

    def _pieces(self, upload_id: str) -> Iterator[bytes]:
        for piece in look(self.bucket, upload_id).pieces:
            content = self.bucket.get(piece.path)
            if content is None or len(content) != piece.size_bytes:
                raise UploadNotFound(upload_id)  # it is just being removed
            yield content

    def _hold(self, upload_id: str) -> str:
        """Put what says that an upload is held; return where."""
        self.find(upload_id)
        path = f"{folder_of(upload_id)}/{HELD}"
        if self.bucket.create(path, b""):
            return path
        found = self.bucket.head(path)
        if found is None or self.clock() - found.changed < HOLDING_SECONDS:
            raise UploadBusy(upload_id)
        self.bucket.put(path, b"")
        return path

    def _discard(self, there: Listed) -> None:
        if there.stated is not None:
            self.bucket.delete([there.stated])  # from here on it is gone, whatever is left of it
        self.bucket.delete([path for path in there.paths if path != there.stated])
