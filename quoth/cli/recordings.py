"""Which recordings a command is about, and where the results of each go."""

import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from quoth.cli.outputs import output_stems

STDIN = "-"
EXTENSIONS = frozenset(
    {
        *(".3g2", ".3gp", ".aac", ".ac3", ".aif", ".aiff", ".amr", ".ape", ".asf", ".au", ".avi"),
        *(
            ".caf",
            ".dts",
            ".eac3",
            ".flac",
            ".flv",
            ".gsm",
            ".m2ts",
            ".m4a",
            ".m4b",
            ".m4v",
            ".mka",
        ),
        *(".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpc", ".mpeg", ".mpg", ".mts", ".oga", ".ogg"),
        *(".ogv", ".opus", ".ra", ".rm", ".spx", ".ts", ".tta", ".vob", ".voc", ".w64", ".wav"),
        *(".weba", ".webm", ".wma", ".wmv", ".wv"),
    }
)
"""Names that recordings in a folder end with; a file that is named by itself may have any."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording to work on.

    Args:
        source: the file; `-` for standard input.
        folder: where its results go.
        stem: the name of its results, without extension.
    """

    source: Path
    folder: Path
    stem: str

    @property
    def is_stdin(self) -> bool:
        """Whether it comes through standard input."""
        return str(self.source) == STDIN

    @property
    def size_bytes(self) -> int:
        """How large it is; 0 where that is not known."""
        try:
            return 0 if self.is_stdin else self.source.stat().st_size
        except OSError:
            return 0


def find_recordings(given: Sequence[str], output: Path | None) -> list[Recording]:
    """Return the recordings that files, folders, patterns and `-` stand for, each once.

    Results of a named file go to `output`, or the current folder. Those of a folder's recordings
    go to the same subfolders of `output`, or beside the recordings where none is given.

    Args:
        given: as on the command line; a folder stands for the recordings in it and below.
        output: the folder the caller named.
    """
    places: dict[Path, Path] = {}
    for argument in given:
        for source, folder in _expanded(argument, output):
            places.setdefault(source, folder)
    by_folder: dict[Path, list[Path]] = {}
    for source, folder in places.items():
        by_folder.setdefault(folder, []).append(source)
    stems = {folder: output_stems(sources) for folder, sources in by_folder.items()}
    return [
        Recording(source, folder, "stdin" if str(source) == STDIN else stems[folder][source])
        for source, folder in places.items()
    ]


def recordings_in(folder: Path) -> list[Path]:
    """Return the recordings in a folder and below, in order, hidden ones left out."""
    found = (path for path in folder.rglob("*") if is_recording(path.relative_to(folder)))
    return sorted(path for path in found if path.is_file())


def is_recording(path: Path) -> bool:
    """Tell from its name whether a file in a folder is a recording, and not one being made."""
    is_hidden = any(part.startswith((".", "~")) for part in path.parts if part not in {".", ".."})
    return path.suffix.lower() in EXTENSIONS and not is_hidden


def _expanded(argument: str, output: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yield the recordings of one argument, each with the folder for its results."""
    path, here = Path(argument), output or Path()
    if path.is_dir():
        for source in recordings_in(path):
            beside = source.parent
            yield source, output / beside.relative_to(path) if output else beside
    elif argument != STDIN and not path.exists() and (matches := _matches(argument)):
        for match in matches:
            yield match, here
    else:
        yield path, here


def _matches(pattern: str) -> Iterable[Path]:
    """Return the files a pattern stands for that the shell has left as it is."""
    if not glob.has_magic(pattern):
        return []
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - absolute ones, too
    return [path for path in map(Path, found) if path.is_file()]
