"""Files that are there whole or not at all, whatever dies in between."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from quoth.domain.errors import OutOfDisk

PART = ".part"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_SECOND_NAME = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS})


@contextmanager
def part_of(path: Path, *, is_name_settled: bool = True, is_new: bool = False) -> Iterator[Path]:
    """Give a path to write to; what is there afterwards takes the name, on disk to stay.

    Args:
        path: what it is to be.
        is_name_settled: whether to wait for the name, too. Without it the content is on disk, but
            a power cut may take the name back until anything settles the folder.
        is_new: whether nothing else may have the name.

    Raises:
        OutOfDisk: if the disk fills up inside.
        FileExistsError: if it is to be new and is not.
    """
    part = path.with_name(f".{path.name}.{uuid4().hex}{PART}")
    try:
        yield part
        settle(part)
        if is_new:
            _give_new_name(part, path)
        else:
            part.rename(path)
        if is_name_settled:
            settle(path.parent)
    except OSError as error:
        if error.errno in _FULL:
            raise OutOfDisk(str(path.parent)) from error
        raise
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def writing(path: Path, *, is_name_settled: bool = True) -> Iterator[IO[bytes]]:
    """Give a file to write to, kept under its name when the context ends without an error."""
    with part_of(path, is_name_settled=is_name_settled) as part, part.open("wb") as file:
        yield file


@contextmanager
def adding(path: Path, *, is_name_settled: bool = True) -> Iterator[IO[bytes]]:
    """Give a file to write to, kept under its name unless something has that name by then.

    Raises:
        FileExistsError: if something has; it stays as it is.
    """
    kept = part_of(path, is_name_settled=is_name_settled, is_new=True)
    with kept as part, part.open("wb") as file:
        yield file


def put_beside(source: Path, target: Path) -> None:
    """Give a file a second name; where there can be none, as on another disk, copy it."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _NO_SECOND_NAME:
            raise
        shutil.copyfile(source, target)


def _give_new_name(part: Path, path: Path) -> None:
    try:
        path.hardlink_to(part)
    except OSError as error:
        if error.errno not in _NO_SECOND_NAME:
            raise
        if path.exists():  # where there are no links this is as near as one gets
            raise FileExistsError(errno.EEXIST, "there already", str(path)) from error
        part.rename(path)


def settle(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
