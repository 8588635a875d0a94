"""Uploads as files: a folder for each, with its bytes and a record of what was stated.

Ids are random and made here; one from a client has to look like one before it touches a path.
Several processes may share the folder, on several machines, too: what they must not do at once
they do under locks of files.
"""

import errno
import hashlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.upload_records import NAME, UploadRecord, read_record
from quoth.adapters.storage.upload_wishes import NAME as WANTED
from quoth.adapters.storage.upload_wishes import leave_wish
from quoth.adapters.storage.upload_writer import FileUploadWriter, lock, open_alone
from quoth.adapters.storage.whole_files import put_beside
from quoth.domain.errors import EmptyFile, FileTooLarge, OutOfDisk, UnusableFolder
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
DATA = "data"
LOCK = ".uploads-lock"
"""Beside the folder of uploads: in it there is nothing but uploads."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileUploads:
    """Keeps uploads in one folder.

    Args:
        space: the folder, and what has to stay free on its disk.
        max_bytes: the largest upload.
        expiry_seconds: how long after its last byte an upload is kept.
        clock: seconds since the epoch.
        max_uploads: how many are kept at once; each is looked at when a new one begins.
        max_unfinished: of one owner.
        beside: the disk of what is no upload, where that is another one.
    """

    space: DiskSpace
    max_bytes: int
    expiry_seconds: float
    clock: Callable[[], float] = time.time
    max_uploads: int = 1000
    max_unfinished: int = 100
    beside: DiskSpace | None = None
    _promising: Lock = field(default_factory=Lock)

    def create(self, new: NewUpload) -> Upload:
        """Begin an upload; see the port."""
        if new.size_bytes <= 0:
            raise EmptyFile
        if new.size_bytes > self.max_bytes:
            raise FileTooLarge(self.max_bytes)
        upload_id = secrets.token_hex(16)
        with self._promised_alone():
            self.space.require(new.size_bytes, self._promised())
            self._check_unfinished(new.owner)
            if len(list(self._ids())) >= self.max_uploads:
                raise TooManyUploads(self.max_uploads)
            self._make(upload_id, new)
        return self.find(upload_id)

    def find(self, upload_id: str) -> Upload:
        """Say how far an upload is; see the port."""
        upload = self._read(upload_id)
        if self.clock() >= upload.expires:
            raise UploadExpired(upload_id)
        return upload

    def append(self, upload_id: str, offset_bytes: int | None = None) -> FileUploadWriter:
        """Open an upload for what comes after an offset; see the port."""
        folder = self._folder(upload_id)
        try:
            descriptor = open_alone(upload_id, folder / DATA)
        except UploadBusy:
            self._check_offset(upload_id, offset_bytes)
            leave_wish(folder)
            raise
        try:
            size_bytes = self._check_offset(upload_id, offset_bytes)
        except BaseException:
            os.close(descriptor)
            raise
        return FileUploadWriter(
            descriptor, folder, size_bytes, self.space, lambda: self._settle(upload_id)
        )

    def remove(self, upload_id: str) -> None:
        """Remove an upload; see the port."""
        self.find(upload_id)
        leave_wish(self._folder(upload_id))  # who still sends may stop
        self._discard(upload_id)

    def finished(self, upload_id: str) -> FinishedUpload:
        """Return an upload that is whole; see the port."""
        upload = self.find(upload_id)
        if upload.remaining_bytes:
            raise UploadUnfinished(upload_id, upload.offset_bytes, upload.stated.size_bytes)
        if not upload.is_finished:  # killed between the last byte and the check of its hash
            self.append(upload_id).close()
        path = self._folder(upload_id) / DATA
        return FinishedUpload(path, upload.stated.filename, upload.offset_bytes)

    @contextmanager
    def held(self, upload_ids: Collection[str]) -> Iterator[None]:
        """Keep uploads from everybody else meanwhile; see the port."""
        with ExitStack() as stack:
            for upload_id in dict.fromkeys(upload_ids):
                with suppress(UploadNotFound):
                    descriptor = open_alone(upload_id, self._folder(upload_id) / DATA)
                    stack.callback(os.close, descriptor)
            yield

    def lend(self, upload_id: str, target: Path) -> FinishedUpload:
        """Put an upload that is whole at a path, too; see the port."""
        upload = self.finished(upload_id)
        try:
            put_beside(self._folder(upload_id) / DATA, target)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise OutOfDisk(str(target.parent)) from error
            raise
        return FinishedUpload(target, upload.filename, upload.size_bytes)

    def check_space(self, size_bytes: int) -> None:
        """Check that something fits beside what unfinished uploads will need; see the port."""
        if self.beside is not None:
            make_folder(self.beside.folder)
            self.beside.require(size_bytes)
            return
        make_folder(self.space.folder)
        self.space.require(size_bytes, self._promised())

    def _promised(self) -> int:
        promised = 0
        for upload_id in self._ids():
            with suppress(UploadNotFound):
                promised += self.find(upload_id).remaining_bytes
        return promised

    @contextmanager
    def _promised_alone(self) -> Iterator[None]:
        """Let nobody else promise space or places meanwhile, in any process."""
        make_folder(self.space.folder)
        with self._promising, self.space.folder.with_name(LOCK).open("ab") as file:
            lock(file.fileno(), self.space.folder)
            yield

    def _check_unfinished(self, owner: str) -> None:
        unfinished = 0
        for upload_id in self._ids():
            with suppress(UploadNotFound):
                upload = self.find(upload_id)
                unfinished += upload.stated.owner == owner and not upload.is_finished
        if unfinished >= self.max_unfinished:
            raise TooManyUnfinishedUploads(self.max_unfinished)

    def sweep(self) -> None:
        """Remove what has expired, and what a crash left behind; see the port."""
        for upload_id in self._ids():
            with suppress(UploadBusy, UploadNotFound, FileNotFoundError):  # another may be faster
                if self._is_over(upload_id):
                    log.info("The upload %s has expired and is removed", upload_id)
                    self._discard(upload_id)

    def _check_offset(self, upload_id: str, offset_bytes: int | None) -> int:
        upload = self.find(upload_id)
        if offset_bytes not in {None, upload.offset_bytes}:
            raise WrongOffset(upload.offset_bytes, offset_bytes or 0)
        return upload.stated.size_bytes

    def _is_over(self, upload_id: str) -> bool:
        folder = self._folder(upload_id)
        try:
            self.find(upload_id)
        except UploadExpired:
            os.close(open_alone(upload_id, folder / DATA))  # nobody is at work on it
            return True
        except UploadNotFound:
            return self.clock() - folder.stat().st_mtime > self.expiry_seconds
        return False

    def _read(self, upload_id: str) -> Upload:
        folder = self._folder(upload_id)
        record = read_record(folder)
        try:
            with (folder / DATA).open("rb") as file:  # what is opened is as its server has it
                data = os.fstat(file.fileno())
        except FileNotFoundError:
            record = None
        if record is None:
            raise UploadNotFound(upload_id)
        expires = data.st_mtime + self.expiry_seconds
        return Upload(upload_id, record.stated, data.st_size, expires, record.is_finished)

    def _settle(self, upload_id: str) -> Upload:
        upload = self._read(upload_id)
        if upload.remaining_bytes or upload.is_finished:
            return upload
        folder = self._folder(upload_id)
        if (stated := upload.stated.sha256) is not None:
            with (folder / DATA).open("rb") as file:
                received = hashlib.file_digest(file, "sha256").hexdigest()
            if received != stated:
                self._discard(upload_id)
                raise WrongChecksum(stated, received)
        UploadRecord(upload.stated, is_finished=True).write(folder)
        return self._read(upload_id)

    def _folder(self, upload_id: str) -> Path:
        if not ID.fullmatch(upload_id):
            raise UploadNotFound(upload_id)
        return self.space.folder / upload_id

    def _ids(self) -> Iterator[str]:
        with suppress(FileNotFoundError):
            names = [path.name for path in self.space.folder.iterdir()]
            yield from filter(ID.fullmatch, names)

    def _make(self, upload_id: str, new: NewUpload) -> None:
        folder = self._folder(upload_id)
        try:
            folder.mkdir(mode=0o700)
            (folder / DATA).touch()
            (folder / WANTED).touch()
            UploadRecord(new).write(folder)
        except (OSError, OutOfDisk) as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise OutOfDisk(str(self.space.folder)) from error
            raise

    def _discard(self, upload_id: str) -> None:
        folder = self._folder(upload_id)
        (folder / NAME).unlink(missing_ok=True)  # from here on it is gone, whatever is left of it
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder unless it is there.

    Raises:
        UnusableFolder: if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFolder(str(folder), error.strerror or str(error)) from error
