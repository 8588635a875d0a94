"""One server for one data folder: two would both take up what a third left."""

import fcntl
from pathlib import Path
from typing import IO

from quoth.domain.job_errors import DataInUse

NAME = ".serving"


def lock_folder(folder: Path) -> IO[bytes]:
    """Lock a data folder until the file that is returned is closed, or the process ends.

    Raises:
        DataInUse: if another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / NAME).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DataInUse(str(folder)) from error
    return file
