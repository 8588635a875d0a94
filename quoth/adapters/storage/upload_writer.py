"""Appending to one upload, alone."""

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.upload_wishes import last_wish
from quoth.domain.errors import OutOfDisk, UnusableFolder
from quoth.domain.upload_errors import LongerThanStated, UploadBusy, UploadNotFound
from quoth.domain.uploads import Upload

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP})


def open_alone(upload_id: str, data: Path) -> int:
    """Open the bytes of an upload for appending, locked against everybody else.

    The system lets go of the lock when the descriptor is closed or its process ends. On a folder
    that machines share, as of NFS 4, it holds against all of them, and its server lets go when it
    does not hear of a machine any more.

    Raises:
        UploadNotFound: if it is gone.
        UploadBusy: if somebody has it.
        UnusableFolder: if files cannot be locked there.
    """
    try:
        descriptor = os.open(data, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UploadNotFound(upload_id) from None
    try:
        lock(descriptor, data.parents[1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UploadBusy(upload_id) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def lock(descriptor: int, folder: Path, how: int = fcntl.LOCK_EX) -> None:
    """Lock a file that is open until it is closed or this process ends.

    Raises:
        BlockingIOError: if somebody has it and that is not to be waited for.
        UnusableFolder: if files cannot be locked in the folder.
    """
    try:
        fcntl.flock(descriptor, how)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            reason = "files cannot be locked there, as NFS 4 can"
            raise UnusableFolder(str(folder), reason) from error
        raise


class FileUploadWriter:
    """Appends to the file of an upload.

    Args:
        descriptor: of the file, locked.
        folder: of the upload.
        size_bytes: what the upload will have in the end.
        space: keeps the disk from filling up.
        settle: called once everything is on the disk; says how far the upload is.
    """

    def __init__(
        self,
        descriptor: int,
        folder: Path,
        size_bytes: int,
        space: DiskSpace,
        settle: Callable[[], Upload],
    ) -> None:
        self._descriptor = descriptor
        self._folder, self._wish = folder, last_wish(folder)
        self._size = size_bytes
        self._space = space
        self._settle = settle
        self._lock = Lock()  # a cancelled request closes while its last write is still under way

    def write(self, data: bytes) -> None:
        """Append bytes; see the port."""
        with self._lock:
            if os.fstat(self._descriptor).st_size + len(data) > self._size:
                raise LongerThanStated(self._size)
            self._space.require(len(data))
            rest = memoryview(data)
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    raise OutOfDisk(str(self._space.folder)) from error
                raise

    def is_wanted(self) -> bool:
        """Whether somebody else wants the upload by now, or removed it; see the port."""
        return last_wish(self._folder) != self._wish

    def close(self) -> Upload:
        """Bring everything to the disk and let go of the upload; see the port."""
        with self._lock:
            try:
                os.fsync(self._descriptor)
                return self._settle()
            finally:
                os.close(self._descriptor)
