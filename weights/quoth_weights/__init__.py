"""The weights that Quoth works with out of the box, and a check that they are whole."""

import hashlib
import json
from pathlib import Path
from typing import TypedDict


class PackagedFile(TypedDict):
    """A file of some weights: its name in their folder, size and hash."""

    name: str
    bytes: int
    sha256: str


class PackagedWeights(TypedDict):
    """Weights: where they come from, under which licence, and their files.

    `upstream` and `revision` name the original; `obtained_from` where the bytes were taken;
    `made_by` the script in `scripts/` that turned one into the other.
    """

    licence: str
    upstream: str
    revision: str
    obtained_from: str
    made_by: str
    files: list[PackagedFile]


_FOLDER = Path(__file__).parent

MANIFEST: dict[str, PackagedWeights] = json.loads((_FOLDER / "manifest.json").read_text("utf-8"))
"""All there is to know of each of the weights, by name."""

NAMES = tuple(MANIFEST)
"""What is in here, one folder each."""


class DamagedWeights(Exception):
    """Raised when packaged weights are not what they were when they were packaged."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(f"{file} {problem}. Install quoth-weights again.")


def directory(name: str) -> Path:
    """Return the folder of packaged weights.

    Raises:
        KeyError: if there are none of that name.
    """
    if name not in MANIFEST:
        raise KeyError(name)
    return _FOLDER / name


def verify(name: str) -> None:
    """Compare packaged weights with the sha256 of each file; about a second for all.

    Raises:
        KeyError: if there are none of that name.
        DamagedWeights: if a file is missing or is another.
    """
    folder = directory(name)
    for expected in MANIFEST[name]["files"]:
        _verify_file(folder / expected["name"], expected["bytes"], expected["sha256"])


def _verify_file(file: Path, size: int, sha256: str) -> None:
    if not file.is_file():
        raise DamagedWeights(file, "is missing")
    if file.stat().st_size != size:
        raise DamagedWeights(file, f"has {file.stat().st_size} bytes instead of {size}")
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != sha256:
        raise DamagedWeights(file, f"has sha256 {found} instead of {sha256}")
