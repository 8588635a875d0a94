"""Putting new content in a folder's place, so that a crash leaves the old or the new.

The folder itself may be where a disk is mounted, so it cannot be renamed: its entries are moved
one by one, and a journal says how to move them back.
"""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from quoth.adapters.storage.data_folder import RESTORING
from quoth.adapters.storage.whole_files import PART, settle, writing

JOURNAL = f"{RESTORING}.json"
STAGED = f"{RESTORING}-"
"""Begins the names of folders with what is to come."""


def is_interrupted(data: Path) -> bool:
    """Whether a process died when it had begun to move things."""
    return (data / JOURNAL).exists()


def put_in_place(data: Path, staged: Path, old: Sequence[str], aside: Path) -> None:
    """Move entries of a folder aside, and those of another in their place.

    Args:
        data: the folder.
        staged: in it, holds what is to come; gone afterwards.
        old: names of the entries that go.
        aside: in it, is made for them.

    Raises:
        OSError: if something cannot be moved; everything is where it was then.
    """
    new = [path.name for path in staged.iterdir()]
    os.sync()  # before a name points to it, the content is on disk to stay
    with writing(data / JOURNAL) as file:
        plan = {"staged": staged.name, "aside": aside.name, "new": new}
        file.write(json.dumps(plan).encode())
    try:
        aside.mkdir()
        for name in old:
            (data / name).rename(aside / name)
        for name in new:
            (staged / name).rename(data / name)
        settle(aside)
        settle(data)
    except BaseException:
        undo_interrupted(data)
        raise
    (data / JOURNAL).unlink()
    settle(data)
    staged.rmdir()
    if not old:
        aside.rmdir()


def undo_interrupted(data: Path) -> bool:
    """Move back what a process moved that died in the middle; whether there was such a thing.

    To be called by whoever is alone with the folder, before anything else.
    """
    was_interrupted = is_interrupted(data)
    if was_interrupted:
        plan = json.loads((data / JOURNAL).read_bytes())
        staged, aside = data / plan["staged"], data / plan["aside"]
        # The new entries came when all the old ones were gone: what is not staged is in place.
        for name in plan["new"]:
            if not (staged / name).exists():
                (data / name).rename(staged / name)
        if aside.is_dir():
            for path in aside.iterdir():
                path.rename(data / path.name)
            settle(data)
            aside.rmdir()
        (data / JOURNAL).unlink()
    for left in data.glob(f"{STAGED}*"):
        shutil.rmtree(left, ignore_errors=True)
    for begun in data.glob(f".{JOURNAL}.*{PART}"):
        begun.unlink()
    return was_interrupted
