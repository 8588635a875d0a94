"""The lines of an edit log, wherever they are kept."""

import json
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from quoth.adapters.storage.edit_entries import entry_of
from quoth.domain.edit_errors import DamagedEditLog
from quoth.domain.edits import Entry

NAME = "edits.jsonl"


def whole_lines(content: bytes) -> list[bytes]:
    """Return the lines of a log without a torn last one.

    After a power cut the last line may miss its end, or have zeros for pieces that never came.
    """
    lines = content.split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]]
    if whole and not lines[-1] and not _is_json(whole[-1]):
        whole.pop()
    return whole


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def entries_of(place: str, lines: Sequence[bytes]) -> Iterator[Entry]:
    """Give the entries of a log.

    Raises:
        DamagedEditLog: if one cannot be read.
    """
    for number, line in enumerate(lines, start=1):
        try:
            yield entry_of(json.loads(line))
        except ValueError as error:
            raise DamagedEditLog(place, number, str(error)) from error


def version_of(lines: Sequence[bytes]) -> str:
    """Return a hash: a log put back from a backup and written on is not what it was before."""
    return blake2b(b"".join(lines), digest_size=12).hexdigest()
