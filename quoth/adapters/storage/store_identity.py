"""Which store a folder is, whatever path it is mounted at."""

from pathlib import Path
from uuid import uuid4

from quoth.adapters.storage.whole_files import adding

NAME = ".store"


def identity_of(folder: Path) -> str:
    """Return the id of a folder of jobs, made when it is asked for the first time."""
    path = folder / NAME
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    try:
        with adding(path) as file:
            file.write(uuid4().hex.encode())
    except FileExistsError:
        pass  # another process was faster
    return path.read_text("ascii").strip()
