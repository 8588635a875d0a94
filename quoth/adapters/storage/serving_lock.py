"""One server for one data folder: two would both take up what a third left."""

import fcntl
import os
from pathlib import Path
from typing import IO
from uuid import uuid4

from quoth.domain.job_errors import DataInUse

NAME = ".serving"


def lock_folder(folder: Path, *, is_shared: bool = False) -> IO[bytes]:
    """Lock a data folder until the file that is returned is closed, or the process ends.

    Args:
        folder: the data folder.
        is_shared: whether others who share it may have it, too: those who keep nothing there that
            two could not write.

    Raises:
        DataInUse: if another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / NAME).open("a+b")
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DataInUse(str(folder)) from error
    return file


def name_of(locked: IO[bytes]) -> str:
    """Return the name of whoever serves a folder, random when it was first asked for.

    It is the same after every restart, whatever the machine or the container is called by then.
    """
    locked.seek(0)
    found = locked.read().decode("ascii", "replace").strip()
    if found:
        return found
    made = uuid4().hex
    locked.write(made.encode())
    locked.flush()
    os.fsync(locked.fileno())
    return made
