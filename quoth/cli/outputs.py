"""Where transcripts are written: whole or not at all, and never over what is there."""

import errno
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import IO

from quoth.domain.errors import InvalidParameter, OutOfDisk
from quoth.formats.registry import Format, format_named

EVIDENCE_EXTENSION = ".evidence.npz"


def parse_formats(given: Sequence[str]) -> list[Format]:
    """Read `txt,srt` and repeated options alike.

    Raises:
        InvalidParameter: if a format is unknown; the message lists those there are.
    """
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    return [format_named(name) for name in dict.fromkeys(names)]


def to_stdout(content: bytes, *, is_binary: bool = False) -> None:
    """Write a result to standard output.

    Raises:
        InvalidParameter: if it is nothing to show on a terminal.
    """
    if is_binary and sys.stdout.isatty():
        raise InvalidParameter("format", "is nothing for a terminal: add -o FOLDER")
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def output_stems(sources: Iterable[Path]) -> Mapping[Path, str]:
    """Name the results of each recording: by its stem, or its full name where two share one."""
    sources = list(dict.fromkeys(sources))
    stems = {source: _readable(source.stem) for source in sources}
    shared = Counter(stems.values())
    alone = {stem for stem in shared if shared[stem] == 1}
    names: dict[Path, str] = {}
    for source, stem in stems.items():
        if stem in alone:
            names[source] = stem
            continue
        full = _readable(source.name)
        candidates = chain([full], (f"{full}-{number}" for number in count(2)))
        taken = alone.union(names.values())
        names[source] = next(name for name in candidates if name not in taken)
    return names


def _readable(name: str) -> str:
    """Return a file name as text that can be written anywhere, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """The folder results go to.

    Args:
        folder: made if it is not there.
        is_forced: whether what is already there may be replaced.
    """

    folder: Path
    is_forced: bool

    def existing(self, stem: str, extensions: Iterable[str]) -> list[Path]:
        """Return the results that are there already and would be replaced."""
        if self.is_forced:
            return []
        paths = [self.folder / f"{stem}{extension}" for extension in extensions]
        return [path for path in paths if path.exists()]

    def write(
        self, stem: str, extension: str, content: bytes | Callable[[IO[bytes]], None]
    ) -> Path:
        """Write a result, or let it write itself: into a temporary file, then under its name.

        Raises:
            InvalidParameter: if the folder cannot be written to.
        """
        target = self.folder / f"{stem}{extension}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(target, content)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise OutOfDisk(str(self.folder)) from error
            raise InvalidParameter("-o", f"cannot be written to: {error}") from error
        return target


def _replace(target: Path, content: bytes | Callable[[IO[bytes]], None]) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        made = Path(file.name)
        try:
            if isinstance(content, bytes):
                file.write(content)
            else:
                content(file)
            file.flush()
            os.fsync(file.fileno())
            made.chmod(0o666 & ~_umask())  # as if it had been opened plainly
            made.replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                made.unlink()
            raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
