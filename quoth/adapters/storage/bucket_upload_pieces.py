"""An upload in a bucket: what was stated of it, and its bytes as objects, one after the other.

    uploads/ID/stated.OWNER.SIZE      what was stated, as JSON; the name tells what a listing needs
    uploads/ID/00000000000000000000   the bytes from there on
    uploads/ID/whole                  every byte is there, and the hash is right if one was stated
    uploads/ID/held                   somebody makes jobs of it

S3 adds to no object and has no locks. So the object of a piece is put on the condition that none is
there, and one that is still small is put anew, with what came after, on the condition that nobody
else has done so: of two servers that write at once one is told.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from quoth.adapters.storage.bucket import Bucket, Found
from quoth.domain.uploads import NewUpload, Upload

FOLDER = "uploads"
PIECE_BYTES = 8 << 20
"""A piece of this size or more is not put anew."""
WHOLE, HELD, STATED = "whole", "held", "stated."
_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of an upload from an offset on."""

    path: str
    start: int
    size_bytes: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.size_bytes


@dataclass(frozen=True, slots=True)
class Listed:
    """What a listing tells of one upload.

    Args:
        stated: path of what was stated; None where that is gone, and with it the upload.
        owner: digest of whose it is.
        size_bytes: what it will have.
        pieces: that follow one another from its beginning on.
        is_whole: whether it was found to be right.
        changed: when anything of it was put last, seconds since the epoch.
        paths: of everything.
    """

    stated: str | None
    owner: str
    size_bytes: int
    pieces: Sequence[Piece]
    is_whole: bool
    changed: float
    paths: Sequence[str]

    @property
    def offset_bytes(self) -> int:
        """How many bytes are there."""
        return self.pieces[-1].end if self.pieces else 0


def folder_of(upload_id: str) -> str:
    """Return where everything of an upload is."""
    return f"{FOLDER}/{upload_id}"


def piece_path(upload_id: str, start: int) -> str:
    """Return where the bytes from an offset on are."""
    return f"{folder_of(upload_id)}/{start:0{_DIGITS}d}"


def stated_path(upload_id: str, new: NewUpload) -> str:
    """Return where that is which was stated."""
    return f"{folder_of(upload_id)}/{STATED}{owner_digest(new.owner)}.{new.size_bytes}"


def owner_digest(owner: str) -> str:
    """Return what stands for an owner in the name of an object."""
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


def listed(found: Iterable[Found]) -> Listed:
    """Return what the objects of one upload tell of it."""
    there = sorted(found, key=lambda each: each.path)
    names = {each.path.rsplit("/", 1)[1]: each for each in there}
    stated = next((name for name in names if name.startswith(STATED)), None)
    _, owner, size = stated.split(".") if stated else ("", "", "0")
    pieces: list[Piece] = []
    for name, each in names.items():
        if name.isdigit() and int(name) == (pieces[-1].end if pieces else 0):
            pieces.append(Piece(each.path, int(name), each.size_bytes))
    first = names[stated].path if stated else None
    return Listed(
        stated=first,
        owner=owner,
        size_bytes=int(size),
        pieces=pieces,
        is_whole=WHOLE in names,
        changed=max((each.changed for each in there), default=0.0),
        paths=[each.path for each in there],
    )


def look(bucket: Bucket, upload_id: str) -> Listed:
    """Ask what there is of an upload."""
    return listed(bucket.list(folder_of(upload_id)))


def look_at_all(bucket: Bucket) -> dict[str, Listed]:
    """Ask what there is of all uploads."""
    found: dict[str, list[Found]] = {}
    for each in bucket.list(FOLDER):
        found.setdefault(each.path.split("/")[1], []).append(each)
    return {upload_id: listed(objects) for upload_id, objects in found.items()}


def written(new: NewUpload) -> bytes:
    """Return what was stated, as it is kept."""
    return json.dumps(asdict(new)).encode()


def read(content: bytes) -> NewUpload:
    """Return what was stated."""
    return NewUpload(**json.loads(content))


def upload_of(upload_id: str, new: NewUpload, there: Listed, expiry_seconds: float) -> Upload:
    """Return an upload as far as it has come."""
    expires = there.changed + expiry_seconds
    return Upload(upload_id, new, there.offset_bytes, expires, there.is_whole)
