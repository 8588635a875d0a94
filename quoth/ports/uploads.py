"""Where uploads are kept until a job takes them."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from quoth.domain.uploads import NewUpload, Upload


@dataclass(frozen=True, slots=True)
class FinishedUpload:
    """A recording that is whole.

    Args:
        path: where it is; None where it is on no disk here.
        filename: what the client called it, safe to show; None if it said nothing.
        size_bytes: how large it is.
    """

    path: Path | None
    filename: str | None
    size_bytes: int


class FinishedUploads(Protocol):
    """What the creation of a job needs."""

    def finished(self, upload_id: str) -> FinishedUpload:
        """Return an upload that is whole; it stays where it is.

        Raises:
            UploadNotFound: if there is none, or it expired.
            UploadUnfinished: if bytes are missing.
            WrongChecksum: if it is not what its sender hashed; it is gone then.
        """

    def held(self, upload_ids: Collection[str]) -> AbstractContextManager[None]:
        """Keep uploads from everybody else meanwhile; those that are gone are passed over.

        Raises:
            UploadBusy: if somebody else is at work on one.
        """

    def lend(self, upload_id: str, target: Path) -> FinishedUpload:
        """Put an upload that is held and whole at a path, too; removing it is another matter.

        Whoever cannot use it in the end has lost nothing.

        Raises:
            UploadNotFound, UploadUnfinished, WrongChecksum: as `finished`.
            OutOfDisk: if it has to be copied to another disk and does not fit.
        """


class UploadWriter(Protocol):
    """Appends to one upload, alone. Its calls block; they may come from several threads."""

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            LongerThanStated: if the upload would be longer than was stated; nothing is written.
            OutOfDisk: before the disk is full; what was written before stays.
        """

    def is_wanted(self) -> bool:
        """Whether another process wants the upload by now, or removed it: it is time to leave."""

    def close(self) -> Upload:
        """Bring everything to the disk, let go of the upload and say how far it is.

        Once the last byte is there the hash is checked, which reads all of it.

        Raises:
            WrongChecksum: if it is not what its sender hashed; it is gone then.
        """


class Uploads(FinishedUploads, Protocol):
    """Keeps uploads while they come. All calls block."""

    def create(self, new: NewUpload) -> Upload:
        """Begin an upload.

        Raises:
            EmptyFile: if it will have no bytes.
            FileTooLarge: if it will have too many.
            OutOfDisk: if it would not fit beside what other unfinished uploads will need.
            TooManyUploads: if as many are kept as may be.
            TooManyUnfinishedUploads: if its owner has begun as many as one may.
        """

    def find(self, upload_id: str) -> Upload:
        """Say how far an upload is.

        Raises:
            UploadNotFound: if there is none, or it expired.
        """

    def append(self, upload_id: str, offset_bytes: int | None = None) -> UploadWriter:
        """Open an upload for what comes after an offset; None for wherever it stands.

        Raises:
            UploadNotFound: if there is none, or it expired.
            WrongOffset: if it stands elsewhere.
            UploadBusy: if another writer has it, which is told that it is wanted.
        """

    def remove(self, upload_id: str) -> None:
        """Remove an upload, finished or not.

        Raises:
            UploadNotFound: if there is none, or it expired.
        """

    def check_space(self, size_bytes: int) -> None:
        """Check that something that is no upload fits beside what unfinished uploads will need.

        Raises:
            OutOfDisk: if it would not.
        """

    def sweep(self) -> None:
        """Remove what has expired, and what a crash left behind."""
