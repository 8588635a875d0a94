"""Importing torchaudio where its compiled part does not fit the torch that is installed.

The registry's torchaudio is built for CUDA and one version of it. Beside another torch its import
raises an `OSError`, and with it that of NeMo and of pyannote, which take what is absent for absent
and what is broken for the end. Without a library to load torchaudio does without, and nothing
that either of them needs is in there.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def import_torchaudio() -> None:
    """Import torchaudio if it is installed, without its library if that does not load."""
    try:
        with suppress(ImportError):
            importlib.import_module("torchaudio")
    except OSError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
            del sys.modules[name]
        with _library_hidden():
            importlib.import_module("torchaudio")


@contextmanager
def _library_hidden() -> Iterator[None]:
    """Let a search of the folder that holds torchaudio's library find nothing."""
    glob = Path.glob

    def hide(self: Path, pattern: str, **options: Any) -> Iterator[Path]:
        is_library = self.name == "lib" and self.parent.name == "torchaudio"
        return iter(()) if is_library else glob(self, pattern, **options)

    Path.glob = hide  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Path.glob = glob  # type: ignore[method-assign]
