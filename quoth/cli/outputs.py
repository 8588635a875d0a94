"""Where transcripts are written: whole or not at all, and never over what is there."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from quoth.domain.errors import InvalidParameter
from quoth.formats.registry import Format, format_named

EVIDENCE_EXTENSION = ".evidence.npz"


def parse_formats(given: Sequence[str]) -> list[Format]:
    """Read `txt,srt` and repeated options alike.

    Raises:
        InvalidParameter: if a format is unknown; the message lists those there are.
    """
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    return [format_named(name) for name in dict.fromkeys(names)]


def output_stems(sources: Iterable[Path]) -> Mapping[Path, str]:
    """Name the results of each recording: by its stem, or its full name where two share one."""
    sources = list(sources)
    shared = Counter(source.stem for source in sources)
    return {source: source.stem if shared[source.stem] == 1 else source.name for source in sources}


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

    def write(self, stem: str, extension: str, content: str | bytes) -> Path:
        """Write a result: into a temporary file first, then under its name.

        Raises:
            InvalidParameter: if the folder cannot be written to.
        """
        target = self.folder / f"{stem}{extension}"
        data = content.encode() if isinstance(content, str) else content
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(file.name, 0o666 & ~_umask())  # noqa: PTH101 - as if it had been opened plainly
            os.replace(file.name, target)  # noqa: PTH105
        except OSError as error:
            raise InvalidParameter("-o", f"cannot be written to: {error}") from error
        return target


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
